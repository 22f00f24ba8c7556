import { type Bus, type BusOptions, createBus } from "./bus/index.ts";
import { createNodeWebSocketDialer, tcpDialer } from "./node/index.ts";

export {
  type BusEvents,
  type BusOptions,
  type BusStats,
  type BusView,
  checkPattern,
  checkTopic,
  type CloseReport,
  type ErrorCode,
  errorTable,
  type Message,
  type MessageHandler,
  type NeighbourLimits,
  OmnibusError,
  type OverflowPolicy,
  type PayloadFormat,
  type AcknowledgedPublishOptions,
  type PublishOptions,
  type Realm,
  type SubscribeOptions,
  type Subscription,
  type Topic,
  topic,
  type Bus,
} from "./index.ts";

/**
 * Opens a bus. With `connect` it is a client of those servers (`tcp://`, `tls://`, `ws://`, `wss://`),
 * and resolves when the first session with each is open; without, it serves this process alone.
 * Rejects with `connect-failed`, `not-authenticated`, `bad-version`.
 */
export function openBus(options: BusOptions = {}): Promise<Bus> {
  const strict = process.env["NODE_TEST_CONTEXT"] !== undefined;
  return createBus({ strict, dialers: [tcpDialer, createNodeWebSocketDialer()], ...options });
}
