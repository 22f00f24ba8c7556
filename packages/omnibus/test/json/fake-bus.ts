import { checkPattern, checkTopic, matchesPattern, OmnibusError } from "../../src/base/index.ts";
import type {
  BusView,
  Message,
  MessageHandler,
  PayloadFormat,
  Principal,
  RawPayload,
  RawPublishOptions,
  Subscription,
  SubscribeOptions,
  Verb,
} from "../../src/bus/index.ts";
import { MemoryHistory } from "../../src/log/index.ts";
import type { FakeClock } from "../../src/testing/index.ts";

interface Content {
  readonly topic: string;
  readonly format: PayloadFormat;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly missed?: number;
}

/** A message of the fake bus. `jsonCount` tells how often its JSON text was built. */
export class FakeMessage implements Message<unknown> {
  readonly topic: string;
  readonly format: PayloadFormat;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly isReplay: boolean;
  readonly missed: number;

  constructor(content: Content, isReplay = false) {
    this.topic = content.topic;
    this.format = content.format;
    this.bytes = content.bytes;
    this.timeMs = content.timeMs;
    this.id = content.id;
    this.qos = content.qos;
    this.isReplay = isReplay;
    this.missed = isReplay ? 0 : (content.missed ?? 0);
  }

  get json(): string | undefined {
    const text = new TextDecoder().decode(this.bytes);
    if (this.format === "json") return text;
    return this.format === "text" ? JSON.stringify(text) : undefined;
  }

  get value(): unknown {
    const { json } = this;
    return json === undefined ? this.bytes : JSON.parse(json);
  }
}

interface FakeSubscriber {
  readonly view: FakeBusView;
  readonly pattern: string;
  readonly handler: MessageHandler<unknown>;
}

export type FakeRule = (principal: Principal, verb: Verb, name: string) => boolean;

/** The bus as an adapter sees it, in one process, synchronous and without queues. */
export class FakeBus {
  readonly clock: FakeClock;
  readonly history: MemoryHistory<FakeMessage>;
  readonly subscribers: Set<FakeSubscriber> = new Set();
  /** What principals may do. Default: everything. */
  rule: FakeRule = () => true;
  /** What `publish` returns, and what `drained` waits for. */
  isBelowMark = true;
  drainedWaiters: (() => void)[] = [];
  /** To subscribe to this throws `overloaded`. */
  busyAt: string | undefined;
  /** A subscription to this is refused by another server. */
  refusedAt: string | undefined;
  readonly views: Set<FakeBusView> = new Set();
  lastPublished: FakeMessage | undefined;

  constructor(clock: FakeClock, options: { maxBytes?: number; countPerTopic?: number } = {}) {
    this.clock = clock;
    this.history = new MemoryHistory<FakeMessage>({
      clock,
      sizeOf: (message) => message.bytes.length,
      ...options,
    });
  }

  enter(principal: Principal): FakeBusView {
    const view = new FakeBusView(this, principal);
    this.views.add(view);
    return view;
  }

  /** The last messages, as replays. */
  last(pattern: string, count: number): FakeMessage[] {
    return this.history.last(pattern, count).map((message) => new FakeMessage(message, true));
  }

  get openViews(): number {
    return this.views.size;
  }

  /** A message from a program that knows nothing of adapters. */
  publish(
    topic: string,
    payload: string | Uint8Array,
    options: RawPublishOptions & { format?: PayloadFormat; missed?: number } = {},
  ): void {
    checkTopic(topic);
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    const message = new FakeMessage({
      topic,
      bytes,
      format: options.format ?? (typeof payload === "string" ? "json" : "bytes"),
      timeMs: options.timeMs ?? this.clock.wallMs(),
      id: options.id,
      qos: options.qos ?? 0,
      missed: options.missed ?? 0,
    });
    this.lastPublished = message;
    this.history.append(message);
    for (const { view, pattern, handler } of this.subscribers) {
      if (!matchesPattern(pattern, topic)) continue;
      if (this.rule(view.principal, "subscribe", topic)) handler(message);
    }
  }

  /** Ends what `drained` waits for. */
  drain(): void {
    this.isBelowMark = true;
    const waiters = this.drainedWaiters;
    this.drainedWaiters = [];
    for (const resolve of waiters) resolve();
  }
}

export class FakeBusView implements BusView {
  readonly principal: Principal;
  readonly #bus: FakeBus;
  #isClosed = false;

  constructor(bus: FakeBus, principal: Principal) {
    this.#bus = bus;
    this.principal = principal;
  }

  publish(): never {
    throw new Error("adapters publish what is encoded already");
  }

  publishRaw(topic: string, payload: RawPayload, options: RawPublishOptions = {}): boolean {
    this.#check();
    checkTopic(topic);
    if (!this.may("publish", topic)) throw new OmnibusError("denied", topic);
    const raw = "text" in payload ? payload.text : payload.bytes;
    this.#bus.publish(topic, raw, { ...options, format: payload.format });
    return this.#bus.isBelowMark;
  }

  subscribe<T>(
    topic: string | { readonly name: string },
    handlerOrOptions?: MessageHandler<T> | SubscribeOptions,
    options: SubscribeOptions = {},
  ): Subscription<T> {
    this.#check();
    if (typeof topic !== "string" || typeof handlerOrOptions !== "function") {
      throw new Error("adapters subscribe by name, with a handler");
    }
    checkPattern(topic);
    if (topic === this.#bus.busyAt) throw new OmnibusError("overloaded", "too much to do");
    const handler = handlerOrOptions as MessageHandler<unknown>;
    const subscriber: FakeSubscriber = { view: this, pattern: topic, handler };
    for (const message of this.#bus.last(topic, options.replay ?? 0)) {
      if (this.may("subscribe", message.topic)) handler(message);
    }
    this.#bus.subscribers.add(subscriber);
    const ready =
      topic === this.#bus.refusedAt
        ? Promise.reject(new OmnibusError("denied", topic))
        : Promise.resolve();
    return new FakeSubscription<T>(() => this.#bus.subscribers.delete(subscriber), ready);
  }

  may(verb: Verb, topicOrPattern: string): boolean {
    return this.#bus.rule(this.principal, verb, topicOrPattern);
  }

  drained(): Promise<void> {
    if (this.#bus.isBelowMark) return Promise.resolve();
    return new Promise((resolve) => this.#bus.drainedWaiters.push(resolve));
  }

  close(): Promise<void> {
    this.#bus.views.delete(this);
    this.#isClosed = true;
    for (const subscriber of this.#bus.subscribers) {
      if (subscriber.view === this) this.#bus.subscribers.delete(subscriber);
    }
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #check(): void {
    if (this.#isClosed) throw new OmnibusError("closed", "the view is closed");
  }
}

class FakeSubscription<T> implements Subscription<T> {
  readonly ready: Promise<void>;
  readonly dropped = 0;
  readonly #end: () => void;

  constructor(end: () => void, ready: Promise<void>) {
    this.#end = end;
    this.ready = ready;
  }

  batches(): AsyncIterableIterator<Message<T>[]> {
    throw new Error("not iterable");
  }

  close(): Promise<void> {
    this.#end();
    return Promise.resolve();
  }

  [Symbol.asyncIterator](): AsyncIterator<Message<T>> {
    throw new Error("not iterable");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
