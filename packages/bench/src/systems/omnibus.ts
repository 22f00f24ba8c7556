import { startNodeMiddle } from "../middles/node-middle.ts";
import { connectOmnibus } from "./omnibus-client.ts";
import { openInProcess } from "./omnibus-in-process.ts";
import { raw } from "./omnibus-raw.ts";
import type { System } from "./system.ts";

/** Ours, over TCP. */
export const system: System = {
  name: "omnibus",
  policy: {
    batching: "client: runs of one turn or 64 KiB; server: whole runs, written once per turn",
    acknowledgement: "none (QoS 0)",
    flow:
      "programs: its own, congestion wait, publish returns false above its queue's mark (1 MiB " +
      "queues); bytes: paced by the harness, at most 512 KiB of payload and 16,384 messages",
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("omnibus-server.ts", options),
  programs: {
    pacing: { by: "own" },
    connect: ({ port }) => connectOmnibus({ url: `tcp://127.0.0.1:${port}`, congestion: "wait" }),
  },
  raw,
  inProcess: { supports: () => true, open: openInProcess },
};
