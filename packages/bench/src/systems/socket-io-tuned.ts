import { startNodeMiddle } from "../middles/node-middle.ts";
import { system as socketIo } from "./socket-io.ts";
import type { System } from "./system.ts";

/** socket.io, best known setting. */
export const system: System = {
  ...socketIo,
  name: "socket.io tuned",
  policy: {
    ...socketIo.policy,
    batching: "one write per receiver and turn; requests given up; small young generation",
  },
  startMiddle: (options) => startNodeMiddle("socket-io-tuned.ts", options),
};
