import type { Clock, Random, Realm } from "../base/index.ts";
import type { Dialer } from "../link/index.ts";
import type { SessionCredentials } from "../session/index.ts";
import type { NeighbourLimits } from "./neighbour-limits.ts";
import type { Authority, LogProvider } from "./plugs.ts";

/** Options of `openBus`. */
export interface BusOptions {
  /** Addresses of servers to stay connected to, such as `ws://127.0.0.1:8080` or `tcp://127.0.0.1:8080`. */
  readonly connect?: string | readonly string[];
  /**
   * Whether the first attempts, too, are repeated (after 1 s, 2 s, 4 s, ...) while a server cannot be reached
   * or says that it would at another time; each failure is an `error` event, and `signal` ends the wait.
   * Default: false, `openBus` rejects.
   */
  readonly waitForServer?: boolean;
  /** Credentials for them. Default: anonymous. */
  readonly credentials?: SessionCredentials;
  /** A name for people. Default: empty. */
  readonly name?: string;
  /** How far messages and interests go by default. Default: `global` with `connect`, else `user`. */
  readonly realm?: Realm;
  /**
   * Values are encoded, decoded and frozen even between subscribers of one process, so that a program
   * that works in one process works in several. Default: false; true under `node --test`.
   */
  readonly strict?: boolean;
  /** Bytes that may wait for one neighbour. Default: 1 MiB. */
  readonly maxQueueBytes?: number;
  /** The largest message, encoded, in bytes: 1 KiB to 128 MiB. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** A silent neighbour is asked after this time; it is given up after two and a half times as long. Default: 8,000. */
  readonly keepAliveMs?: number;
  /** A receiver that takes nothing for so long no longer makes publishers wait. Default: 5,000. */
  readonly stallMs?: number;
  /** The longest pause between two attempts to connect. Default: 60,000. */
  readonly maxRedialMs?: number;
  /** What one neighbour that dials this bus may make it do and keep. */
  readonly neighbourLimits?: Partial<NeighbourLimits>;
  /** Trusted certificates in PEM form, beside the system's. */
  readonly ca?: string;
  /**
   * Gets one line for an error in the background while nothing listens to `bus.on("error", ...)`, each text
   * at most once a second. Default: `console.error`.
   */
  readonly report?: (line: string) => void;
  /** Ends the wait for the first connection, and closes the bus, when it fires. */
  readonly signal?: AbortSignal;
  /** For composition roots: what can be dialled. */
  readonly dialers?: readonly Dialer[];
  /** For composition roots: who may do what. Default: everybody everything. */
  readonly authority?: Authority;
  /** For composition roots: history. Default: none. */
  readonly log?: LogProvider;
  /** For tests. */
  readonly clock?: Clock;
  /** For tests. */
  readonly random?: Random;
}

/** Counters since the bus was opened; all count messages unless they say otherwise. */
export interface BusStats {
  /** Published by this process. */
  published: number;
  /** Given to subscriptions of this process (each counts). */
  delivered: number;
  /** Came from neighbours for subscribers or history here. */
  received: number;
  /** Dropped because a neighbour's queue was full, or a server was gone; see also `overflowed`. */
  dropped: number;
  /** Dropped by the queues of subscriptions of this process, under their `overflow` policies (each counts). */
  overflowed: number;
  /** Dropped by neighbours on the way to this process, as they told us. */
  missed: number;
  /** Runs (not messages) that contradicted themselves. */
  malformed: number;
  /** Refused because their publisher lacked the permission. */
  denied: number;
  /** Refused by a schema on receipt. */
  invalid: number;
  /** Neighbours now. */
  sessions: number;
}

/** The counters of a bus that has done nothing yet. */
export function newStats(): BusStats {
  return {
    published: 0,
    delivered: 0,
    received: 0,
    dropped: 0,
    overflowed: 0,
    missed: 0,
    malformed: 0,
    denied: 0,
    invalid: 0,
    sessions: 0,
  };
}

/** What a bus tells listeners of `bus.on`. */
export interface BusEvents {
  /** Something went wrong in the background. Without a listener it is a line on the console (`report`). */
  error: Error;
  /** Messages to a topic were dropped: told at most once a second for each topic. */
  overflow: { readonly topic: string; readonly count: number };
  /** A session with a neighbour is open. */
  connected: { readonly remote: string; readonly principal: string };
  /** A session with a neighbour is over. */
  disconnected: { readonly remote: string; readonly error: Error | undefined };
}
