import { type Bus, type BusOptions, createBus } from "./bus/index.ts";
import { createWebSocketDialer } from "./link/index.ts";

/**
 * Opens a bus. With `connect` it is a client of those servers (`ws://`, `wss://`), and resolves when the
 * first session with each is open; without, it serves this page or program alone. Rejects with
 * `connect-failed`, `not-authenticated`, `bad-version`.
 */
export function openBus(options: BusOptions = {}): Promise<Bus> {
  return createBus({ dialers: [createWebSocketDialer()], ...options });
}

export {
  checkPattern,
  checkTopic,
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
  type NeighbourLimits,
  type OverflowPolicy,
  type PayloadFormat,
  type AcknowledgedPublishOptions,
  type PublishOptions,
  type SubscribeOptions,
  type Subscription,
  type Topic,
  topic,
} from "./bus/index.ts";
