import type { Session } from "../session/index.ts";
import type { Address } from "../wire/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** One more at once would end the session. [WIRE-10.1] */
const maxHeld = 10_000;

/** Who can be asked to hold back, and not be read from. */
export interface HeldBack {
  readonly session: Pick<Session, "pauseReading" | "resumeReading"> & {
    readonly say: Pick<Session["say"], "credit">;
  };
}

/** What this needs of the bus. */
export interface HoldBackHost {
  /** Neighbours with an open session. */
  openNeighbours(): Iterable<HeldBack>;
  /** The numbered address of a topic. */
  addressOf(topic: string): Address;
}

/**
 * What subscriptions of this process that block have asked neighbours to hold back. Each topic is asked
 * for once, and let go when no subscription needs it held any more. Of more topics than can be held back
 * the queue may become full, and nothing is read.
 */
export class HoldBacks {
  readonly #host: HoldBackHost;
  readonly #topics = new Map<RunningSubscription, Set<string>>();
  /** All topics that are held back, and for how many subscriptions. */
  readonly #held = new Map<string, number>();
  readonly #paused = new Set<RunningSubscription>();

  constructor(host: HoldBackHost) {
    this.#host = host;
  }

  /** A session was opened: it begins with what the others were asked. */
  connected({ session }: HeldBack): void {
    for (const topic of this.#held.keys()) session.say.credit(this.#host.addressOf(topic), "hold");
    for (const subscription of this.#paused) session.pauseReading(subscription);
  }

  /** The queue of a subscription is high, and it was just given a message of that topic. */
  hold(subscription: RunningSubscription, topic: string): void {
    let topics = this.#topics.get(subscription);
    if (topics === undefined) {
      topics = new Set();
      this.#topics.set(subscription, topics);
    }
    if (topics.has(topic)) return;
    const holding = this.#held.get(topic) ?? 0;
    if (holding === 0 && this.#held.size >= maxHeld) return;
    topics.add(topic);
    this.#held.set(topic, holding + 1);
    if (holding === 0) this.#tell(topic, "hold");
  }

  /** The queue is full of what was on its way already: nothing more is read until there is room. */
  pause(subscription: RunningSubscription): void {
    if (this.#paused.has(subscription)) return;
    this.#paused.add(subscription);
    for (const { session } of this.#host.openNeighbours()) session.pauseReading(subscription);
  }

  /** There is room again, or the subscription has ended. */
  letGo(subscription: RunningSubscription): void {
    const topics = this.#topics.get(subscription);
    this.#topics.delete(subscription);
    for (const topic of topics ?? []) this.#release(topic);
    if (!this.#paused.delete(subscription)) return;
    for (const { session } of this.#host.openNeighbours()) session.resumeReading(subscription);
  }

  #release(topic: string): void {
    const holding = (this.#held.get(topic) ?? 0) - 1;
    if (holding > 0) {
      this.#held.set(topic, holding);
    } else {
      this.#held.delete(topic);
      this.#tell(topic, "go");
    }
  }

  #tell(topic: string, congestion: "hold" | "go"): void {
    const address = this.#host.addressOf(topic);
    for (const { session } of this.#host.openNeighbours()) session.say.credit(address, congestion);
  }
}
