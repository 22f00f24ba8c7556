export { FakeClock } from "./fake-clock.ts";
export {
  RecordingConversation,
  type RecordingConversationOptions,
} from "./recording-conversation.ts";
export { SeededRandom } from "./seeded-random.ts";
export { Inbox } from "./inbox.ts";
