import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

/** Ours over WebSocket instead of TCP. */
export const system: System = {
  ...omnibus,
  name: "omnibus ws",
  missing: () => "the composed server (omnibus/server), which this does not start yet",
};
