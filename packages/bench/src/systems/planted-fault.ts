import { startNodeMiddle } from "../middles/node-middle.ts";
import { PACED_BY_WINDOW } from "./pacing.ts";
import { system as plain } from "./plain.ts";
import type { System } from "./system.ts";

/** For tests of the benchmark itself: a forwarder that does wrong once. */
export const system: System = {
  ...plain,
  name: "planted fault",
  startMiddle: (options) => startNodeMiddle("faulty-forwarder.ts", options),
  ...(plain.programs && { programs: { ...plain.programs, pacing: PACED_BY_WINDOW } }),
  ...(plain.raw && { raw: { ...plain.raw, pacing: PACED_BY_WINDOW } }),
};
