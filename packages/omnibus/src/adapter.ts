export type { Clock } from "./base/index.ts";
export type {
  Adapter,
  Bus,
  BusView,
  CloseReason,
  Conversation,
  ConversationHandler,
  Credentials,
  Message,
  PayloadFormat,
  Prepared,
  Principal,
  RawPayload,
  RawPublishOptions,
  Verb,
} from "./bus/index.ts";
