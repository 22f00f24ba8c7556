import type { Clock } from "../base/index.ts";
import type { Hello, SessionCredentials } from "./handshake.ts";
import type { QueueLimits } from "./send-queue.ts";

/** What a session is opened with. */
export interface SessionOptions {
  readonly clock: Clock;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  /** The dialling side's; without it this side accepts. */
  readonly credentials?: SessionCredentials;
  /** Time for the handshake. Default: 10,000 ms. */
  readonly handshakeTimeoutMs?: number;
  /** Time for one frame, from its first byte to its last. Default: 30,000 ms. */
  readonly frameTimeoutMs?: number;
  /** Bytes of names that the neighbour may make us remember. Default: no limit. [WIRE-7.4] */
  readonly maxNameBytes?: number;
}
