import { OmnibusError } from "../base/index.ts";

/** What is said of a run for `name` whose body does not fit its hash. [WIRE-5.4] */
export function damagedRun(name: string, from: string): OmnibusError {
  return new OmnibusError("bad-run", `a run for ${name} from ${from} is damaged`);
}
