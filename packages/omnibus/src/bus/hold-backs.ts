import type { Congestion } from "../session/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/**
 * What subscriptions of this process that block have asked neighbours to hold back. Each topic is asked
 * for once, and let go when no subscription needs it held any more.
 */
export abstract class HoldBacks {
  readonly #topics = new Map<RunningSubscription, Set<string>>();

  /** Asks those who send to this process to hold a topic back, or to go on. */
  protected abstract tell(topic: string, congestion: Congestion): void;

  /** The queue is full of what was on its way already: nothing more is read until there is room. */
  abstract pause(subscription: RunningSubscription): void;

  /** The other way round; for who was never paused it does nothing. */
  protected abstract resume(subscription: RunningSubscription): void;

  /** The queue of a subscription is high, and it was just given a message of that topic. */
  hold(subscription: RunningSubscription, topic: string): void {
    const topics = this.#topics.get(subscription) ?? new Set();
    if (topics.has(topic)) return;
    const isNew = !this.#isHeld(topic);
    this.#topics.set(subscription, topics.add(topic));
    if (isNew) this.tell(topic, "hold");
  }

  /** There is room again, or the subscription has ended. */
  letGo(subscription: RunningSubscription): void {
    const topics = this.#topics.get(subscription);
    this.#topics.delete(subscription);
    for (const topic of topics ?? []) if (!this.#isHeld(topic)) this.tell(topic, "go");
    this.resume(subscription);
  }

  #isHeld(topic: string): boolean {
    return [...this.#topics.values()].some((topics) => topics.has(topic));
  }
}
