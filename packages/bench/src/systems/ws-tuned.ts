import { startNodeMiddle } from "../middles/node-middle.ts";
import type { System } from "./system.ts";
import { system as ws } from "./ws.ts";

/** The relay on `ws`, best known setting. */
export const system: System = {
  ...ws,
  name: "ws tuned",
  policy: {
    ...ws.policy,
    batching: "the frame once per message, one write per receiver and turn; small young generation",
  },
  startMiddle: (options) => startNodeMiddle("ws-relay-tuned.ts", options),
};
