import { startNodeMiddle } from "../middles/node-middle.ts";
import { connectPlain } from "./plain-client.ts";
import type { System } from "./system.ts";

/** The floor of a round trip: no middle at all, one socket between requester and echo. */
export const system: System = {
  name: "raw echo",
  policy: {
    batching: "none",
    acknowledgement: "the reply",
    flow: "TCP",
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("echo.ts", options),
  programs: { connect: connectPlain, isServedByMiddle: true },
};
