import { z } from "zod";
import { checkPattern, defaultHandshakeMs, defaultMessageBytes } from "../../base/index.ts";
import type { Setting } from "./setting.ts";
import { seconds, structure, whole } from "./setting-kinds.ts";

/** Topics that are kept in the history, and how many messages of each. */
export interface HistorySettings {
  readonly pattern: string;
  readonly count: number;
}

/** The settings of what is kept and how much of it, by their keys as they stand in a file. */
export interface BrokerSettings {
  readonly "broker.max_connections": number;
  readonly "broker.max_connections_per_address": number;
  readonly "broker.max_message_bytes": number;
  readonly "broker.max_subscriptions": number;
  readonly "broker.max_name_bytes": number;
  readonly "broker.max_new_topics_per_sec": number;
  readonly "broker.max_queue_bytes": number;
  readonly "broker.max_failed_logins": number;
  readonly "broker.auth_timeout_secs": number;
  readonly "broker.first_byte_timeout_secs": number;
  readonly "broker.frame_timeout_secs": number;
  readonly "broker.ping_interval_secs": number;
  readonly "broker.ping_misses": number;
  readonly "broker.keep_alive_secs": number;
  readonly "broker.stall_secs": number;
  readonly "broker.message_ttl_secs": number;
  readonly "broker.history": readonly (string | HistorySettings)[];
  readonly "broker.history_size": number;
  readonly "broker.history_topics": number;
  readonly "broker.history_bytes": number;
  readonly "broker.ack_timeout_secs": number;
  readonly "broker.ack_retries": number;
}

const mebibyte = 1_048_576;
const topicPattern = z.string().refine((pattern) => {
  try {
    checkPattern(pattern);
    return true;
  } catch {
    return false;
  }
});
const history = z.array(
  z.union([
    topicPattern,
    z.strictObject({ pattern: topicPattern, count: z.int().min(0).max(100_000) }),
  ]),
);

/** The settings themselves, in the order in which they are shown. */
export const brokerSettings: {
  readonly [Key in keyof BrokerSettings]: Setting<BrokerSettings[Key]>;
} = {
  "broker.max_connections": {
    kind: whole(1, 1_000_000),
    builtIn: 10_000,
    effect:
      "Connections of all protocols together; the next one is closed with 1013, a native one with `too-many`.",
    flag: "--max-connections",
  },
  "broker.max_connections_per_address": {
    kind: whole(1, 1_000_000),
    builtIn: 1024,
    effect:
      "Connections from one address (IPv6: one network of /64), this machine excepted; the next one is closed with 4429, a native one with `too-many`.",
  },
  "broker.max_message_bytes": {
    kind: whole(1024, 64 * mebibyte),
    builtIn: defaultMessageBytes,
    effect:
      "The largest message; a larger one ends its connection with 1009. A native program is told when it connects and sends no larger one; 128 KiB always pass there, and a frame of more than this and 128 KiB ends the session with `too-big`.",
  },
  "broker.max_subscriptions": {
    kind: whole(1, 1_000_000),
    builtIn: 1000,
    effect:
      "Subscriptions of one connection; one more is refused with `too-many-subscriptions`, natively with `too-many`.",
  },
  "broker.max_name_bytes": {
    kind: whole(65_536, 1024 * mebibyte),
    builtIn: 8 * mebibyte,
    effect:
      "Bytes that the names of one connection's topics and subscriptions may take: a subscription too many is refused as one beyond `broker.max_subscriptions`, a topic too many ends a native session with `too-many`. A name counts its length and 64 bytes; a pattern 320 bytes more for each segment.",
  },
  "broker.max_new_topics_per_sec": {
    kind: whole(1, 1_000_000),
    builtIn: 4096,
    effect:
      "Topics that nobody used before and that one connection may bring in a second; four seconds' worth may come at once. Who brings more is not read from for up to four seconds; 16,384 beyond that at once end a native session with `too-many`, and a publish in JSON is refused with `busy`.",
  },
  "broker.max_queue_bytes": {
    kind: whole(65_536, 1024 * mebibyte),
    builtIn: mebibyte,
    effect:
      "Bytes that may wait for one connection before messages to it are dropped; the next that is sent says how many (`missed`).",
  },
  "broker.max_failed_logins": {
    kind: whole(1, 1000),
    builtIn: 5,
    effect:
      "Failed logins within a minute, per connection and per address (IPv6: network of /64) with user; then 4429, natively `too-many`.",
  },
  "broker.auth_timeout_secs": {
    kind: seconds(0.1, 3600),
    builtIn: defaultHandshakeMs / 1000,
    effect:
      "How long a connection may take to authenticate, from when it was accepted; then 4408, natively `timeout`. A TLS handshake and the request for a WebSocket have 10 s of it at most.",
  },
  "broker.first_byte_timeout_secs": {
    kind: seconds(1, 3600),
    builtIn: 10,
    effect:
      "How long a new connection may say nothing before it is cut; nobody knows yet what it speaks.",
  },
  "broker.frame_timeout_secs": {
    kind: seconds(1, 3600),
    builtIn: 30,
    effect:
      "How long one message of a WebSocket, in however many frames, or one frame of the native protocol may take to arrive; then 4408, or `timeout`.",
  },
  "broker.ping_interval_secs": {
    kind: seconds(1, 3600),
    builtIn: 25,
    effect: "After how much silence a WebSocket is sent a ping.",
  },
  "broker.ping_misses": {
    kind: whole(1, 100),
    builtIn: 2,
    effect: "Pings of a WebSocket without an answer before the connection is closed with 4408.",
  },
  "broker.keep_alive_secs": {
    kind: seconds(1, 3600),
    builtIn: 8,
    effect:
      "After how much silence a native connection is sent a ping; after two and a half times as long it is given up.",
  },
  "broker.stall_secs": {
    kind: seconds(1, 3600),
    builtIn: 5,
    effect:
      "After how long without any progress a native receiver no longer makes publishers wait; what it does not take is dropped from then on.",
  },
  "broker.message_ttl_secs": {
    kind: seconds(1, 31_536_000),
    builtIn: 3600,
    effect: "How long the history keeps a message.",
  },
  "broker.history": {
    kind: structure(
      history,
      "a list of topic patterns, each a text or a table with pattern and count",
    ),
    builtIn: [],
    effect: "Topics that are kept in the history, beside those that JSON clients use.",
  },
  "broker.history_size": {
    kind: whole(0, 100_000),
    builtIn: 10,
    effect: "Messages that the history keeps per topic, and that a subscription replays.",
  },
  "broker.history_topics": {
    kind: whole(1, 1_000_000),
    builtIn: 10_000,
    effect: "Topics in the history; the one least used makes room for the next.",
  },
  "broker.history_bytes": {
    kind: whole(65_536, 64 * 1024 * mebibyte),
    builtIn: 256 * mebibyte,
    effect: "Bytes of the whole history.",
  },
  "broker.ack_timeout_secs": {
    kind: seconds(0.1, 3600),
    builtIn: 5,
    effect: "After how long a QoS 1 message without an acknowledgement is sent again.",
  },
  "broker.ack_retries": {
    kind: whole(0, 1000),
    builtIn: 5,
    effect: "How often a QoS 1 message is sent again.",
  },
};
