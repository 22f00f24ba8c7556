import { connectOmnibus } from "./omnibus-client.ts";
import { system as omnibus } from "./omnibus.ts";
import type { System } from "./system.ts";

/** Ours with its default policy: a full queue of a slow subscriber drops, and says so. */
export const system: System = {
  ...omnibus,
  name: "omnibus drop",
  policy: {
    ...omnibus.policy,
    flow: "no window, its default: congestion drop; queues of 1 MiB; every drop counted and told",
  },
  programs: {
    isSelfPaced: true,
    connect: ({ port }) => connectOmnibus({ url: `tcp://127.0.0.1:${port}`, congestion: "drop" }),
  },
};
