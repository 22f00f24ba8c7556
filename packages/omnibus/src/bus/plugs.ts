import type { Principal, Verb } from "./bus-view.ts";
import type { Message } from "./message.ts";

/** What a client shows to say who it is. */
export type Credentials =
  | { readonly kind: "anonymous"; readonly protocol: string }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "password"; readonly user: string; readonly password: string };

/** Where somebody speaks from. Conversations and links are callers themselves. */
export interface Caller {
  /** The address, with or without a port: `127.0.0.1`, `[::1]:5000`. */
  readonly remote: string;
  /** The origin of the page in a browser that it is part of, if that is not the server's own. */
  readonly origin?: string | undefined;
}

/** Decides who somebody is and what they may do. A composition root plugs one in. */
export interface Authority {
  /**
   * Resolves to the principal; rejects with `not-authenticated`. `from` is for rate limits, and for
   * credentials that are not good everywhere.
   */
  authenticate(credentials: Credentials, from: Caller): Promise<Principal>;
  /** Whether `principal` may do `verb` at a topic, or somewhere below a pattern. Pure and fast. */
  may(principal: Principal, verb: Verb, topicOrPattern: string): boolean;
  /** Grows whenever verdicts may have changed; cached ones of older versions are not used. */
  readonly version: number;
}

/** Keeps messages and gives them back. */
export interface LogProvider {
  /** Whether messages of this topic are to be stored. Pure and fast; asked once per topic and `version`. */
  covers(topic: string): boolean;
  /** Grows, and only grows, whenever `covers` may answer otherwise than before. */
  readonly version: number;
  /** How many topics it has, for what a replay of a pattern costs. Default: 10,000. */
  readonly topics?: number;
  /** Stores a message of a covered topic. Never throws, never waits. */
  append(message: Message): void;
  /**
   * The last `count` messages of each covered topic that `pattern` matches, in order of time, marked
   * `isReplay`, with their original id, time and qos.
   */
  last(pattern: string, count: number): Message[];
}
