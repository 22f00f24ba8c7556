import { system as omnibus } from "./omnibus.ts";
import { connectOmnibus } from "./omnibus-client.ts";
import type { System } from "./system.ts";

const { raw: _overTcp, ...rest } = omnibus;

/** Ours over WebSocket instead of TCP: programs only. */
export const system: System = {
  ...rest,
  name: "omnibus ws",
  programs: {
    connect: ({ port }) => connectOmnibus({ url: `ws://127.0.0.1:${port}`, congestion: "wait" }),
  },
};
