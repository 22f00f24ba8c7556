import { system as nats, connectNats } from "./nats.ts";
import type { System } from "./system.ts";

const { raw: _sameAsNats, ...rest } = nats;

/** nats.js with its best known setting: requests make no stack trace for errors that may come. */
export const system: System = {
  ...rest,
  name: "nats tuned",
  policy: { ...nats.policy, acknowledgement: "none (core NATS); noAsyncTraces, noEcho" },
  programs: { connect: (address) => connectNats(address, { noAsyncTraces: true, noEcho: true }) },
};
