import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

/** Ours with its default policy: a full queue of a slow subscriber drops, and says so. */
export const system: System = {
  ...omnibus,
  name: "omnibus drop",
};
