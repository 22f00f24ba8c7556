export { EncodedRun } from "./encoded-run.ts";
export { farewellFrame } from "./farewell.ts";
export { type Congestion, decodeCredit, decodeGap, encodeCredit, encodeGap } from "./flow-runs.ts";
export { FrameDeadline } from "./frame-deadline.ts";
export {
  decodeBye,
  decodeHello,
  decodeInterest,
  decodeRefusal,
  decodeWelcome,
  encodeAuth,
  encodeBye,
  encodeHello,
  encodeInterest,
  frameSpareBytes,
  type Hello,
  type InterestStatement,
  maxHandshakeBytes,
  type Refusal,
  type SessionCredentials,
  type Welcome,
} from "./handshake.ts";
export { InboundAliases } from "./inbound-aliases.ts";
export { KeepAlive } from "./keep-alive.ts";
export { NumberSet } from "./number-set.ts";
export { Outbox, spoolBytes } from "./outbox.ts";
export { RetiredNumbers } from "./retired-numbers.ts";
export { type QueueLimits, queueLimits, type SendQueue } from "./send-queue.ts";
export { Session, type SessionOwner, type SessionState } from "./session.ts";
export type { Statements } from "./statements.ts";
export type { SessionOptions } from "./session-options.ts";
export { type RecordFields, RunBuilder } from "./run-builder.ts";
export { scopeOf } from "./scope.ts";
