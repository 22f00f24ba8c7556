import { startNodeMiddle } from "../middles/node-middle.ts";
import { system as plain } from "./plain.ts";
import type { System } from "./system.ts";

/** For tests of the benchmark itself: a forwarder that does wrong once. */
export const system: System = {
  ...plain,
  name: "planted fault",
  startMiddle: (options) => startNodeMiddle("faulty-forwarder.ts", options),
};
