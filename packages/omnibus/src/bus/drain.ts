import type { Address } from "../wire/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** A queue to a neighbour that publishers may have to wait for; when it is gone it is not high any more. */
export interface Queueing {
  isHigh(address: Address): boolean;
}

/** Somebody who waits, and for which topics; undefined: for all. */
interface Waiting {
  readonly topics: ReadonlySet<string> | undefined;
  readonly resolve: () => void;
}

/** What publishers of this process were asked to wait for, by topic, and those that wait. */
export class Drain {
  /** By topic: whose queues were above their mark. Bounded by the numbers that a node has for topics. */
  readonly #queues = new Map<string, Map<Queueing, Address>>();
  readonly #subscriptions = new Map<string, Set<RunningSubscription>>();
  #waiting: Waiting[] = [];
  /** Whether publishers are to wait for a connection. */
  #isCutOff = false;

  waitFor(queue: Queueing, address: Address): void {
    const known = this.#queues.get(address.name);
    if (known === undefined) this.#queues.set(address.name, new Map([[queue, address]]));
    else known.set(queue, address);
  }

  waitForSubscription(subscription: RunningSubscription, topic: string): void {
    const known = this.#subscriptions.get(topic);
    if (known === undefined) this.#subscriptions.set(topic, new Set([subscription]));
    else known.add(subscription);
  }

  setCutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff;
    if (!isCutOff) this.check();
  }

  /**
   * Resolves when all queues that publishers of `topics` were to wait for are below their marks, or gone,
   * or of somebody who makes no progress. Without `topics`: of all topics.
   */
  drained(topics?: ReadonlySet<string>): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ topics, resolve });
      this.check();
    });
  }

  /** To be called when a queue may have become low. */
  check(): void {
    if (this.#queues.size === 0 && this.#subscriptions.size === 0 && this.#waiting.length === 0)
      return;
    for (const [topic, queues] of this.#queues) {
      for (const [queue, address] of queues) if (!queue.isHigh(address)) queues.delete(queue);
      if (queues.size === 0) this.#queues.delete(topic);
    }
    for (const [topic, subscriptions] of this.#subscriptions) {
      for (const subscription of subscriptions)
        if (!subscription.isHigh) subscriptions.delete(subscription);
      if (subscriptions.size === 0) this.#subscriptions.delete(topic);
    }
    if (this.#isCutOff || this.#waiting.length === 0) return;
    const ready = this.#waiting.filter(({ topics }) => !this.#isHeldUp(topics));
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter((one) => !ready.includes(one));
    for (const { resolve } of ready) resolve();
  }

  /** Whether a publisher of that topic still has to wait, as far as was checked. */
  isFull(topic: string): boolean {
    return this.#queues.has(topic) || this.#subscriptions.has(topic);
  }

  #isHeldUp(topics: ReadonlySet<string> | undefined): boolean {
    if (topics === undefined) return this.#queues.size > 0 || this.#subscriptions.size > 0;
    for (const topic of topics) if (this.isFull(topic)) return true;
    return false;
  }
}
