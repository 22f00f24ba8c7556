import { startNodeMiddle } from "../middles/node-middle.ts";
import { connectOmnibus } from "./omnibus-client.ts";
import { openInProcess, openRequests } from "./omnibus-in-process.ts";
import { raw } from "./omnibus-raw.ts";
import type { System } from "./system.ts";

/** Ours, over TCP. */
export const system: System = {
  name: "omnibus",
  policy: {
    batching: "client: runs of one turn or 64 KiB; server: whole runs, written once per turn",
    acknowledgement: "none (QoS 0)",
    flow: "congestion wait: publish returns false while a queue (1 MiB each) is above its mark",
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("omnibus-server.ts", options),
  programs: {
    connect: ({ port }) => connectOmnibus({ url: `tcp://127.0.0.1:${port}`, congestion: "wait" }),
  },
  raw,
  inProcess: { supports: () => true, open: openInProcess, openRequests },
};
