export { type ArrivalHost, Arrivals } from "./arrivals.ts";
export { type BusEvents, type BusOptions, type BusStats, newStats } from "./bus-options.ts";
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
export { CatchUps } from "./catch-ups.ts";
export { Drain } from "./drain.ts";
export { EventHub } from "./event-hub.ts";
export { HoldBacks } from "./hold-backs.ts";
export { type LocalAbout, LocalMessage } from "./local-message.ts";
export { here, LocalSubscribers, type Origin, type RunSource } from "./local-subscribers.ts";
export type { Message, PayloadFormat, RawPayload } from "./message.ts";
export type { NeighbourLimits } from "./neighbour-limits.ts";
export { type Bus, type CloseReport, createBus } from "./open-bus.ts";
export type { Authority, Caller, Credentials, LogProvider } from "./plugs.ts";
export { maxIdBytes } from "./message-id.ts";
export { formatNumber } from "./received-message.ts";
export type { RunningSubscription } from "./subscription.ts";
export { type Topic, topic } from "./topic-handle.ts";
export { Uplink, type UplinkHost } from "./uplink.ts";
export { View } from "./view.ts";
export type { Announcer, ViewHost } from "./view-host.ts";
