import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

/** Ours spoken to in JSON over WebSocket. */
export const system: System = {
  ...omnibus,
  name: "omnibus json",
};
