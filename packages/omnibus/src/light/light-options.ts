import { OmnibusError } from "../base/index.ts";
import type { BusOptions } from "../bus/index.ts";

/** Options of `openBus` of `omnibus/light`: those of the full one that a leaf has a use for. */
export interface LightBusOptions extends Pick<
  BusOptions,
  | "credentials"
  | "name"
  | "realm"
  | "maxQueueBytes"
  | "maxMessageBytes"
  | "keepAliveMs"
  | "stallMs"
  | "maxRedialMs"
  | "report"
  | "signal"
  | "waitForServer"
  | "dialers"
  | "clock"
  | "random"
> {
  /** The address of the server: `ws://` or `wss://`. */
  readonly connect: string;
}

/** What only the full bus has; what says `false` is not asked for. */
const leftOut = ["authority", "log", "neighbourLimits", "ca", "strict"] as const;

/** Throws `bad-config` for what only the full bus can do: nothing is passed over in silence. */
export function checkLightOptions(options: LightBusOptions): void {
  const given: BusOptions = options;
  for (const name of leftOut)
    if ((given[name] ?? false) !== false)
      throw new OmnibusError("bad-config", `omnibus/light has no option ${name}; import omnibus`);
  if (typeof options.connect !== "string")
    throw new OmnibusError(
      "bad-config",
      "omnibus/light needs one server: give connect one address",
    );
}
