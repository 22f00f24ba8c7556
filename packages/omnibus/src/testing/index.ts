export { FakeClock } from "./fake-clock.ts";
export { MemoryNetwork, type MemoryNetworkOptions, type NetworkLinkOptions } from "./memory-network.ts";
export {
  RecordingConversation,
  type RecordingConversationOptions,
} from "./recording-conversation.ts";
export { RecordingReceiver } from "./recording-receiver.ts";
export { ScramblingPool } from "./scrambling-pool.ts";
export { SeededRandom } from "./seeded-random.ts";
export { Inbox } from "./inbox.ts";
