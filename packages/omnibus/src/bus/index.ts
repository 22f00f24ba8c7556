export { Announcements } from "./announcements.ts";
export { type ArrivalHost, Arrivals } from "./arrivals.ts";
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
export { CatchUps } from "./catch-ups.ts";
export { Drain } from "./drain.ts";
export { EventHub } from "./event-hub.ts";
export { LocalMessage } from "./local-message.ts";
export { here, LocalSubscribers, type Origin } from "./local-subscribers.ts";
export type { Message, PayloadFormat, RawPayload } from "./message.ts";
export type { NeighbourLimits } from "./neighbour-limits.ts";
export { type Bus, type CloseReport, createBus } from "./open-bus.ts";
export type { Authority, Caller, Credentials, LogProvider } from "./plugs.ts";
export { openAuthority } from "./open-authority.ts";
export { formatNumber } from "./received-message.ts";
export { Redial } from "./redial.ts";
export type { RunningSubscription } from "./subscription.ts";
export { type Topic, topic } from "./topic-handle.ts";
export { View } from "./view.ts";
export type { ViewHost } from "./view-host.ts";
