import type { System } from "./system.ts";

/** Ours. Filled in when the bus runs; until then it is named as missing. */
export const system: System = {
  name: "omnibus",
  policy: {
    batching: "client: runs of one turn or 64 KiB; server: whole runs, once per turn",
    acknowledgement: "none (QoS 0)",
    flow: "its own: congestion wait, publish returns false above 1 MiB",
  },
  missing: () => "the bus itself, which is not built yet",
  startMiddle: () => Promise.reject(new Error("not built yet")),
};
