import type { Clock, OmnibusError, Random } from "../../base/index.ts";
import type { BusView, Caller, Credentials, Message } from "../../bus/index.ts";
import type { JsonStats } from "./stats.ts";

/** What the adapter asks of the history, beside what replays on the bus do by themselves. */
export interface JsonHistory {
  /** A client has used this topic: its messages are to be stored from now on. */
  cover(topic: string): void;
  /** The last `count` messages (Infinity: all) of each topic that `pattern` matches, in time order. */
  last(pattern: string, count: number): readonly Message[];
}

/** What the JSON adapter needs and may be told. */
export interface JsonAdapterOptions {
  readonly clock: Clock;
  /** For message ids. */
  readonly random: Random;
  /**
   * Lets a client onto the bus (`bus.enter`). Rejects with `not-authenticated`; with `too-many` if
   * there were too many failures before.
   */
  readonly enter: (credentials: Credentials, caller: Caller) => Promise<BusView>;
  /** Exchanges a password for a token that `enter` takes. Rejects as `enter` does. */
  readonly login: (user: string, password: string, caller: Caller) => Promise<string>;
  /** Default: none; then nothing is covered and nothing comes again after a reconnection. */
  readonly history?: JsonHistory;
  /** Counters to add to. Default: some that nobody sees. */
  readonly stats?: JsonStats;
  /** Is told what fails in the background. Default: nobody. */
  readonly report?: (error: OmnibusError) => void;
  /** Whether clients may go on without `auth`, as `anonymous:json`. Default: false. */
  readonly isAnonymousAllowed?: boolean;
  /** The unit of `timestamp`. Default: `ms`. */
  readonly timestamps?: "ms" | "s";
  /** Messages of each topic that are replayed if a subscribe does not say. Default: 10. */
  readonly replayCount?: number;
  /** Bytes of UTF-8 in one text from a client. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Bytes that may wait in a connection before live messages are dropped. Default: 1 MiB. */
  readonly maxQueueBytes?: number;
  /** Default: 1,000. */
  readonly maxSubscriptions?: number;
  /** Bytes that the names of one connection's subscriptions may cost to keep. Default: 8 MiB. */
  readonly maxNameBytes?: number;
  /** Time to authenticate. Default: 10,000. */
  readonly authTimeoutMs?: number;
  /** Failed logins within a minute that close a connection. Default: 5. */
  readonly maxFailedLogins?: number;
  /** Time to acknowledge a QoS 1 message before it is sent again. Default: 5,000. */
  readonly resendAfterMs?: number;
  /** How often a QoS 1 message is sent again. Default: 5. */
  readonly maxResends?: number;
  /** QoS 1 messages of one connection that may wait for an acknowledgement. Default: 1,024. */
  readonly maxInFlight?: number;
  /** How long unacknowledged messages are remembered for who went away. Default: 3,600,000. */
  readonly absenceMs?: number;
}
