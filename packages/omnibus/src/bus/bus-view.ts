import type { Realm } from "../base/index.ts";
import type { Message, RawPayload } from "./message.ts";
import type { Topic } from "./topic-handle.ts";

/** What a principal may ask permission for. */
export type Verb = "publish" | "subscribe" | "serve" | "request";

/** Who a session or a foreign client acts as. */
export interface Principal {
  /** A stable name, such as `user:ada` or `anonymous:mqtt`. */
  readonly name: string;
  readonly roles: readonly string[];
  /** When the credentials end, in milliseconds since 1970. */
  readonly expiresAtMs?: number;
}

/** What happens to a message that finds the subscription's queue full. */
export type OverflowPolicy = "drop-oldest" | "drop-newest" | "close" | "block";

export interface PublishOptions {
  /** How far it may go. Default: the bus's realm. */
  readonly realm?: Realm;
  /** What a full queue of a slow receiver does. Default: `drop`. */
  readonly congestion?: "drop" | "wait";
  /** 0, the default: nobody acknowledges it. */
  readonly qos?: 0;
  /** An id of the publisher's own, at most 256 bytes of UTF-8. */
  readonly id?: string;
}

/** Asks for acknowledged delivery, which needs a log that covers the topic. */
export interface AcknowledgedPublishOptions extends Omit<PublishOptions, "qos"> {
  readonly qos: 1;
}

/** For adapters: what a message that comes from a foreign protocol carries besides its payload. */
export interface RawPublishOptions extends Omit<PublishOptions, "qos"> {
  /** Carried to receivers. The adapter that sets 1 keeps the promise itself. */
  readonly qos?: 0 | 1;
  /** Default: now. */
  readonly timeMs?: number;
}

export interface SubscribeOptions {
  /** Ends the subscription when it fires. */
  readonly signal?: AbortSignal;
  /** From how far messages are taken. Default: the bus's realm. */
  readonly realm?: Realm;
  /** How many messages of the history of each matching topic come first. Default: 0. */
  readonly replay?: number;
  /** Bytes that may wait in the queue of this subscription. Default: 1 MiB. Iterators only. */
  readonly maxQueueBytes?: number;
  /** Default: `drop-oldest`. Iterators only: a handler is called at once and has no queue. */
  readonly overflow?: OverflowPolicy;
}

export type MessageHandler<T> = (message: Message<T>) => void;

/** A running subscription. Iterate over it, or over `batches()`, once. */
export interface Subscription<T> extends AsyncIterable<Message<T>>, AsyncDisposable {
  /**
   * Resolves when all neighbours know of it: from here on nothing is missed. Rejects with what a
   * neighbour refused it for, such as `denied`; who does not look at it is not bothered.
   */
  readonly ready: Promise<void>;
  /** How many messages its queue dropped so far. */
  readonly dropped: number;
  /** The messages in arrays of one tick. */
  batches(): AsyncIterableIterator<Message<T>[]>;
  /** Ends it; an iteration under way ends after what is queued. */
  close(): Promise<void>;
}

/**
 * The verbs, with the permissions, quotas and source of one principal. Adapters get one per foreign
 * client from `bus.enter`; thousands are cheap.
 */
export interface BusView extends AsyncDisposable {
  readonly principal: Principal;
  /**
   * Publishes to a topic. Returns false once a queue that it went into is above its high-water mark, or
   * once somebody who came in by `enter` brings new topics too fast: then `await drained()` before more.
   * Throws `bad-topic`, `bad-value`, `invalid`, `denied`, `closed`.
   */
  publish<In>(topic: string | Topic<In, unknown>, value: In, options?: PublishOptions): boolean;
  /** Rejects with `no-log`: there are no logs yet. Nothing is published. */
  publish<In>(
    topic: string | Topic<In, unknown>,
    value: In,
    options: AcknowledgedPublishOptions,
  ): Promise<never>;
  /** The same for a payload that is already encoded. */
  publishRaw(topic: string, payload: RawPayload, options?: RawPublishOptions): boolean;
  subscribe<T>(topic: string | Topic<unknown, T>, options?: SubscribeOptions): Subscription<T>;
  /** The fast form: the handler is called for each message as it comes, and has no queue. */
  subscribe<T>(
    topic: string | Topic<unknown, T>,
    handler: MessageHandler<T>,
    options?: SubscribeOptions,
  ): Subscription<T>;
  /** Whether the principal may do that at this topic or pattern now. Cached. */
  may(verb: Verb, topicOrPattern: string): boolean;
  /**
   * Resolves when the queues for which `publish` or `publishRaw` of this view returned false are below their
   * low-water marks, or gone, or of receivers that have taken nothing for five seconds.
   */
  drained(): Promise<void>;
  /** Ends all that was begun through this view. */
  close(): Promise<unknown>;
}
