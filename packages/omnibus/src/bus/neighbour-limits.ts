import { defaultHandshakeMs } from "../base/index.ts";

/** What one neighbour that dialled us may make us do and keep. */
export interface NeighbourLimits {
  /** Subscriptions. Default: 10,000. */
  readonly maxInterests: number;
  /** Bytes of names: of its numbers and its subscriptions. Default: 8 MiB. */
  readonly maxNameBytes: number;
  /** Topics that are new here, on average. Default: 4,096. */
  readonly maxNewTopicsPerSec: number;
  /** Messages of the history that are looked at for its replays, on average. Default: 100,000. */
  readonly maxReplayedPerSec: number;
  /** Time for the handshake, of who dialled and who was dialled. Default: 10,000. */
  readonly handshakeTimeoutMs: number;
  /** Time for one frame, from its first byte to its last. Default: 30,000. */
  readonly frameTimeoutMs: number;
}

/** The limits with their defaults. */
export function neighbourLimits(given: Partial<NeighbourLimits>): NeighbourLimits {
  return {
    maxInterests: 10_000,
    maxNameBytes: 8_388_608,
    maxNewTopicsPerSec: 4096,
    maxReplayedPerSec: 100_000,
    handshakeTimeoutMs: defaultHandshakeMs,
    frameTimeoutMs: 30_000,
    ...given,
  };
}
