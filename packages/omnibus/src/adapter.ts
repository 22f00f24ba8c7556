export type { Clock } from "./base/index.ts";
export type {
  Adapter,
  Authority,
  Bus,
  BusView,
  CloseReason,
  Conversation,
  ConversationHandler,
  Credentials,
  LogProvider,
  Message,
  PayloadFormat,
  Prepared,
  Principal,
  RawPayload,
  RawPublishOptions,
  Verb,
} from "./bus/index.ts";
