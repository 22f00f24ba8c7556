import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

/** Ours spoken to in JSON over WebSocket. */
export const system: System = {
  ...omnibus,
  name: "omnibus json",
  missing: () => "the composed server (omnibus/server), which this does not start yet",
};
