export {
  type ErrorCode,
  errorTable,
  OmnibusError,
  type Realm,
} from "./base/index.ts";
export {
  type Bus,
  type BusEvents,
  type BusOptions,
  type BusStats,
  type BusView,
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
} from "./bus/index.ts";
