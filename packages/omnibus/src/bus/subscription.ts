import { OmnibusError, type Realm, realmNumber } from "../base/index.ts";
import type { MessageHandler, SubscribeOptions, Subscription } from "./bus-view.ts";
import type { Message, QueueableMessage } from "./message.ts";
import { MessageQueue } from "./message-queue.ts";

/** What a subscription needs of the bus. */
export interface SubscriptionHost {
  /** Whether messages of that topic may be given to it. Pure; the answer is kept until the tables change. */
  mayReceive(topic: string): boolean;
  /** Checks and converts a value that came from another node; undefined: it was refused, and counted. */
  validate: ((message: QueueableMessage) => QueueableMessage | undefined) | undefined;
  /** Its handler threw. */
  failed(error: unknown): void;
  /** It blocks, its queue is above its mark, and it was just given a message of that topic. */
  congested(subscription: RunningSubscription, topic: string): void;
  /** Its queue was full and dropped a message of that topic. */
  overflowed(topic: string): void;
  /** It blocks, and what comes from elsewhere finds no more room. */
  full(subscription: RunningSubscription): void;
  /** Its queue is below its mark again, or it has ended. */
  relieved(subscription: RunningSubscription): void;
  ended(subscription: RunningSubscription): void;
}

const defaultQueueBytes = 1_048_576;

/** A subscription of this process, whichever way it is read. */
export class RunningSubscription implements Subscription<unknown> {
  readonly pattern: string;
  readonly realm: Realm;
  readonly realmNumber: number;
  readonly replay: number;
  ready: Promise<void> = Promise.resolve();
  /** Whether servers that are told of it from now on are asked for history, too. */
  wantsHistory = false;
  isEnded = false;
  /** Whether publishers in this process should wait. */
  isHigh = false;
  readonly #host: SubscriptionHost;
  readonly #handler: MessageHandler<unknown> | undefined;
  readonly #queue: MessageQueue | undefined;
  readonly #blocks: boolean;
  /** Ends it; it outlives it, too. */
  readonly #signal: AbortSignal | undefined;
  #missed = 0;
  /** Why it was ended, for whoever asks next. */
  #error: OmnibusError | undefined;
  #refusal: OmnibusError | undefined;

  constructor(
    pattern: string,
    host: SubscriptionHost,
    options: SubscribeOptions & { readonly realm: Realm },
    handler: MessageHandler<unknown> | undefined,
  ) {
    this.pattern = pattern;
    this.realm = options.realm;
    this.realmNumber = realmNumber(options.realm);
    this.replay = options.replay ?? 0;
    this.#host = host;
    this.#handler = handler;
    const policy = options.overflow ?? "drop-oldest";
    this.#blocks = policy === "block";
    this.#queue =
      handler === undefined
        ? new MessageQueue(options.maxQueueBytes ?? defaultQueueBytes, policy, (topic) =>
            host.overflowed(topic),
          )
        : undefined;
    const { signal } = options;
    if (signal?.aborted === true) this.isEnded = true;
    else signal?.addEventListener("abort", this, { once: true });
    this.#signal = signal;
  }

  /** Its signal has fired. */
  handleEvent(): void {
    void this.close();
  }

  get dropped(): number {
    return this.#queue?.dropped ?? 0;
  }

  mayReceive(topic: string): boolean {
    return this.#host.mayReceive(topic);
  }

  /** Messages for it were dropped elsewhere; told with the next one. */
  noteMissed(count: number): void {
    this.#missed += count;
  }

  deliver(message: QueueableMessage, isFromElsewhere: boolean): void {
    if (this.isEnded) return;
    let given = message;
    if (this.#missed > 0) {
      given = message.withMissed(this.#missed);
      this.#missed = 0;
    }
    if (isFromElsewhere && this.#host.validate !== undefined) {
      const valid = this.#host.validate(given);
      if (valid === undefined) {
        this.#missed += given.missed;
        return;
      }
      given = valid;
    }
    if (this.#handler === undefined) this.#enqueue(given, isFromElsewhere);
    else this.#call(this.#handler, given);
  }

  #call(handler: MessageHandler<unknown>, message: Message): void {
    try {
      handler(message);
    } catch (error) {
      this.#host.failed(error);
    }
  }

  #enqueue(message: QueueableMessage, isFromElsewhere: boolean): void {
    const queue = this.#queue as MessageQueue;
    if (!queue.add(message, this.#blocks && isFromElsewhere)) {
      this.fail(
        new OmnibusError(
          "overloaded",
          `the queue of the subscription to ${this.pattern} is full, and its policy is to close`,
        ),
      );
    } else if (this.#blocks && queue.isHigh) {
      this.isHigh = true;
      this.#host.congested(this, message.topic);
      if (queue.isFull) this.#host.full(this);
    }
  }

  #taken(): void {
    if (!this.isHigh || this.#queue?.isLow !== true) return;
    this.isHigh = false;
    this.#host.relieved(this);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Message> {
    const queue = this.#iterable();
    return this.#iterate(() => queue.next());
  }

  batches(): AsyncIterableIterator<Message[]> {
    const queue = this.#iterable();
    return this.#iterate<Message[]>(() => (queue.isEmpty ? undefined : queue.takeAll()));
  }

  #iterate<Item>(take: () => Item | undefined): AsyncIterableIterator<Item> {
    const next = (): Promise<IteratorResult<Item>> => {
      const item = take();
      if (item === undefined) return this.#nextLater(next);
      if (this.#blocks) this.#taken();
      return Promise.resolve({ done: false, value: item });
    };
    return {
      next,
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async #nextLater<Item>(next: () => Promise<IteratorResult<Item>>): Promise<IteratorResult<Item>> {
    const queue = this.#iterable();
    if (!queue.isClosed) await queue.changed();
    if (!queue.isEmpty) return next();
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) throw error;
    return { done: true, value: undefined };
  }

  #iterable(): MessageQueue {
    if (this.#queue === undefined)
      throw new TypeError("a subscription with a handler cannot be iterated over");
    return this.#queue;
  }

  /** Ends it with an error, which an iteration throws after what is queued. */
  fail(error: OmnibusError): void {
    if (this.isEnded) return;
    this.#error = error;
    this.#refusal = error;
    if (this.#queue === undefined) this.#host.failed(error);
    void this.close();
  }

  /** Throws what a neighbour refused it for. */
  checkAccepted(): void {
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  async close(): Promise<void> {
    if (this.isEnded) return;
    this.isEnded = true;
    this.#signal?.removeEventListener("abort", this);
    this.#queue?.close();
    if (this.isHigh) this.#host.relieved(this);
    this.isHigh = false;
    this.#host.ended(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
