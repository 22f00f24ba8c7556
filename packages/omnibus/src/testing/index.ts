export { assertQuiet, blockedPair, payloadOf } from "./blocked-pair.ts";
export { FakeClock } from "./fake-clock.ts";
export {
  bodyBytes,
  controlRun,
  frameBytes,
  type FrameParts,
  fromHex,
  joinBytes,
  messageFrame,
  messageRun,
  type PlainBody,
  type PlainRecord,
  toHex,
  utf8,
  varints,
} from "./frame-bytes.ts";
export {
  MemoryNetwork,
  type MemoryNetworkOptions,
  type NetworkLinkOptions,
} from "./memory-network.ts";
export {
  RecordingConversation,
  type RecordingConversationOptions,
} from "./recording-conversation.ts";
export { RecordingReceiver } from "./recording-receiver.ts";
export { forgedJwt, hs256, type JwtAttackOptions, jwtAttacks } from "./jwt-attacks.ts";
export { RunLog } from "./run-log.ts";
export { ScramblingPool } from "./scrambling-pool.ts";
export { SeededRandom } from "./seeded-random.ts";
export { Inbox } from "./inbox.ts";
export {
  clientReading,
  type FoundFrame,
  type FrameCaseOptions,
  goldenFrames,
  type GoldenFrames,
  hexBytes,
  malformedFrames,
  maskedFrame,
  plainFrame,
  serverReading,
} from "./ws-frames.ts";
export { BusNetwork, hasFullClients, type TestClient, useClients } from "./bus-network.ts";
export { type ArrivedMessage, type AttachOptions, SessionNode } from "./session-node.ts";
export {
  type RawPair,
  rawPair,
  type SessionPair,
  sessionPair,
  type SessionPairOptions,
} from "./session-pair.ts";
