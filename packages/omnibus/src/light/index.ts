export {
  checkPattern,
  checkTopic,
  type ErrorCode,
  OmnibusError,
  type Realm,
} from "../base/index.ts";
export {
  type AcknowledgedPublishOptions,
  type BusEvents,
  type BusStats,
  type CloseReport,
  type Message,
  type MessageHandler,
  type OverflowPolicy,
  type PayloadFormat,
  type PublishOptions,
  type SubscribeOptions,
  type Subscription,
  type Topic,
  topic,
} from "../bus/index.ts";
export type { LightBusOptions } from "./light-options.ts";
export { type LightBus, openBus } from "./open-light-bus.ts";
