export { EncodedRun } from "./encoded-run.ts";
export { farewellFrame } from "./farewell.ts";
export type { Congestion } from "./flow-runs.ts";
export {
  frameSpareBytes,
  type Hello,
  type InterestStatement,
  type Refusal,
  type SessionCredentials,
  type Welcome,
} from "./handshake.ts";
export { NumberSet } from "./number-set.ts";
export { Outbox, spoolBytes } from "./outbox.ts";
export { RetiredNumbers } from "./retired-numbers.ts";
export { type QueueLimits, queueLimits, type SendQueue } from "./send-queue.ts";
export { Session, type SessionOwner, type SessionState } from "./session.ts";
export type { SessionOptions } from "./session-options.ts";
export { type RecordFields, RunBuilder, scopeOf } from "./run-builder.ts";
