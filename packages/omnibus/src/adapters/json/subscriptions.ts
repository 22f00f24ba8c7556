import { isPattern, matchesPattern, NameBudget, patternCost } from "../../base/index.ts";
import type { Subscription } from "../../bus/index.ts";

/** One subscription of one connection. */
export class JsonSubscription {
  /** As the bus takes it. */
  readonly pattern: string;
  readonly isWildcard: boolean;
  /** Whether the client itself said how much is to be replayed. */
  readonly isReplayAsked: boolean;
  /** Ids, by topic, that an earlier connection of this client left unacknowledged. */
  readonly left: ReadonlyMap<string, ReadonlySet<string>>;
  /** Messages dropped since the last one that was sent. */
  missed = 0;
  onBus: Subscription<unknown> | undefined;

  constructor(
    pattern: string,
    isReplayAsked: boolean,
    left: ReadonlyMap<string, ReadonlySet<string>>,
  ) {
    this.pattern = pattern;
    this.isWildcard = isPattern(pattern);
    this.isReplayAsked = isReplayAsked;
    this.left = left;
  }

  matches(topic: string): boolean {
    return this.isWildcard ? matchesPattern(this.pattern, topic) : this.pattern === topic;
  }
}

/** The first two wildcards that match a topic. */
interface Matching {
  readonly topic: string;
  readonly first: JsonSubscription | undefined;
  readonly second: JsonSubscription | undefined;
}

/**
 * The subscriptions of one connection. Where several match a topic, one of them owns it, and only that
 * one delivers: the exact one, else the wildcard that came first. So each message comes once. [JSON-4.4]
 *
 * Each of them that matches asks who owns the same message, and to find out takes all wildcards: what was
 * found for the last topic is kept.
 */
export class JsonSubscriptions {
  readonly #byPattern = new Map<string, JsonSubscription>();
  readonly #names: NameBudget;
  #wildcards: JsonSubscription[] = [];
  #last: Matching | undefined;
  /** What was found for all topics since `rememberAll` began. */
  #all: Map<string, Matching> | undefined;

  /** `maxNameBytes`: what their names may cost to keep. */
  constructor(maxNameBytes: number) {
    this.#names = new NameBudget(maxNameBytes);
  }

  get size(): number {
    return this.#byPattern.size;
  }

  /** Whether the name of one more can be kept. */
  hasRoomFor(pattern: string): boolean {
    return this.#names.hasRoomFor(patternCost(pattern));
  }

  get(pattern: string): JsonSubscription | undefined {
    return this.#byPattern.get(pattern);
  }

  add(subscription: JsonSubscription): void {
    this.#names.take(patternCost(subscription.pattern));
    this.#byPattern.set(subscription.pattern, subscription);
    if (!subscription.isWildcard) return;
    this.#wildcards.push(subscription);
    this.#forgetFound();
  }

  remove(subscription: JsonSubscription): void {
    if (!this.#byPattern.delete(subscription.pattern)) return;
    this.#names.give(patternCost(subscription.pattern));
    if (!subscription.isWildcard) return;
    this.#wildcards = this.#wildcards.filter((other) => other !== subscription);
    this.#forgetFound();
  }

  /** While `work` runs, what is found is kept for all topics: those of a replay come in turns. */
  rememberAll<T>(work: () => T): T {
    this.#all = new Map();
    try {
      return work();
    } finally {
      this.#all = undefined;
    }
  }

  isOwner(subscription: JsonSubscription, topic: string): boolean {
    if (this.#byPattern.size === 1 || !subscription.isWildcard) return true;
    if (this.#byPattern.has(topic)) return false;
    return this.#matching(topic).first === subscription;
  }

  /** Whether any of them matches the topic. */
  matches(topic: string): boolean {
    return this.#byPattern.has(topic) || this.#matching(topic).first !== undefined;
  }

  /** Whether another one than this matches the topic too. */
  hasOther(subscription: JsonSubscription, topic: string): boolean {
    if (this.#byPattern.size === 1) return false;
    const exact = this.#byPattern.get(topic);
    if (exact !== undefined && exact !== subscription) return true;
    const { first, second } = this.#matching(topic);
    return (first === subscription ? second : first) !== undefined;
  }

  #matching(topic: string): Matching {
    if (this.#last?.topic === topic) return this.#last;
    const found = this.#all?.get(topic) ?? this.#find(topic);
    this.#all?.set(topic, found);
    this.#last = found;
    return found;
  }

  #find(topic: string): Matching {
    let first: JsonSubscription | undefined;
    for (const one of this.#wildcards) {
      if (!one.matches(topic)) continue;
      if (first !== undefined) return { topic, first, second: one };
      first = one;
    }
    return { topic, first, second: undefined };
  }

  #forgetFound(): void {
    this.#last = undefined;
    this.#all?.clear();
  }

  [Symbol.iterator](): Iterator<JsonSubscription> {
    return this.#byPattern.values();
  }
}
