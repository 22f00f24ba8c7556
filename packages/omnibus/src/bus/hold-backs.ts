import type { Congestion } from "../session/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** Those who send to this process. */
export interface HoldBackHost {
  /** Asks them to hold a topic back, or to go on. */
  tell(topic: string, congestion: Congestion): void;
  /** Reads nothing from them until `resumeReading` for the same subscription. */
  pauseReading(by: RunningSubscription): void;
  resumeReading(by: RunningSubscription): void;
}

/**
 * What subscriptions of this process that block have asked neighbours to hold back. Each topic is asked
 * for once, and let go when no subscription needs it held any more.
 */
export class HoldBacks {
  readonly #host: HoldBackHost;
  readonly #topics = new Map<RunningSubscription, Set<string>>();

  constructor(host: HoldBackHost) {
    this.#host = host;
  }

  /** The queue of a subscription is high, and it was just given a message of that topic. */
  hold(subscription: RunningSubscription, topic: string): void {
    const topics = this.#topics.get(subscription) ?? new Set();
    if (topics.has(topic)) return;
    const isNew = !this.#isHeld(topic);
    this.#topics.set(subscription, topics.add(topic));
    if (isNew) this.#host.tell(topic, "hold");
  }

  /** The queue is full of what was on its way already: nothing more is read until there is room. */
  pause(subscription: RunningSubscription): void {
    this.#host.pauseReading(subscription);
  }

  /** There is room again, or the subscription has ended. */
  letGo(subscription: RunningSubscription): void {
    const topics = this.#topics.get(subscription);
    this.#topics.delete(subscription);
    for (const topic of topics ?? []) if (!this.#isHeld(topic)) this.#host.tell(topic, "go");
    this.#host.resumeReading(subscription);
  }

  #isHeld(topic: string): boolean {
    for (const topics of this.#topics.values()) if (topics.has(topic)) return true;
    return false;
  }
}
