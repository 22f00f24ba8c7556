export type { BusEvents, BusOptions, BusStats } from "./bus-options.ts";
export type {
  BusView,
  MessageHandler,
  OverflowPolicy,
  Principal,
  AcknowledgedPublishOptions,
  PublishOptions,
  RawPublishOptions,
  SubscribeOptions,
  Subscription,
  Verb,
} from "./bus-view.ts";
export type { CloseReason } from "../link/index.ts";
export type { Adapter, Conversation, ConversationHandler, Prepared } from "./conversation.ts";
export type { Message, PayloadFormat, RawPayload } from "./message.ts";
export type { NeighbourLimits } from "./neighbour-limits.ts";
export { type Bus, type CloseReport, createBus } from "./open-bus.ts";
export type { Authority, Caller, Credentials, LogProvider } from "./plugs.ts";
export { type Topic, topic } from "./topic-handle.ts";
