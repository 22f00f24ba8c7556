import type { Congestion } from "../session/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** One more at once would end the session. [WIRE-10.1] */
const maxHeld = 10_000;

/**
 * What subscriptions of this process that block have asked neighbours to hold back. Each topic is asked
 * for once, and let go when no subscription needs it held any more. Of more topics than can be held back
 * the queue may become full, and nothing is read.
 */
export abstract class HoldBacks {
  /** All topics that are held back, and for how many subscriptions. */
  protected readonly held: Map<string, number> = new Map<string, number>();
  /** Those for which nothing is read. */
  protected readonly paused: Set<RunningSubscription> = new Set<RunningSubscription>();
  readonly #topics = new Map<RunningSubscription, Set<string>>();

  /** Asks those who send to this process to hold a topic back, or to go on. */
  protected abstract tell(topic: string, congestion: Congestion): void;

  /** Reads nothing from them until `resumeReading` for the same subscription. */
  protected abstract pauseReading(by: RunningSubscription): void;
  protected abstract resumeReading(by: RunningSubscription): void;

  /** The queue of a subscription is high, and it was just given a message of that topic. */
  hold(subscription: RunningSubscription, topic: string): void {
    const topics = this.#topics.get(subscription) ?? new Set();
    if (topics.has(topic)) return;
    const holding = this.held.get(topic) ?? 0;
    if (holding === 0 && this.held.size >= maxHeld) return;
    this.#topics.set(subscription, topics.add(topic));
    this.held.set(topic, holding + 1);
    if (holding === 0) this.tell(topic, "hold");
  }

  /** The queue is full of what was on its way already: nothing more is read until there is room. */
  pause(subscription: RunningSubscription): void {
    if (this.paused.has(subscription)) return;
    this.paused.add(subscription);
    this.pauseReading(subscription);
  }

  /** There is room again, or the subscription has ended. */
  letGo(subscription: RunningSubscription): void {
    const topics = this.#topics.get(subscription);
    this.#topics.delete(subscription);
    for (const topic of topics ?? []) this.#release(topic);
    if (this.paused.delete(subscription)) this.resumeReading(subscription);
  }

  #release(topic: string): void {
    const holding = (this.held.get(topic) ?? 0) - 1;
    if (holding > 0) {
      this.held.set(topic, holding);
    } else {
      this.held.delete(topic);
      this.tell(topic, "go");
    }
  }
}
