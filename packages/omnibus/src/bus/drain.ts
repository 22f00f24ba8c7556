import type { Address } from "../wire/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** A neighbour with a queue that publishers may have to wait for. */
export interface Queueing {
  readonly session: { readonly sender: { isHigh(address: Address): boolean } };
}

/** What publishers of this process were asked to wait for, and those that wait. */
export class Drain {
  readonly #neighbours: { readonly all: ReadonlySet<Queueing> };
  readonly #queues = new Map<Queueing, Set<Address>>();
  readonly #subscriptions = new Set<RunningSubscription>();
  #waiting: (() => void)[] = [];
  /** Whether publishers are to wait for a connection. */
  #isCutOff = false;

  constructor(neighbours: { readonly all: ReadonlySet<Queueing> }) {
    this.#neighbours = neighbours;
  }

  waitFor(neighbour: Queueing, address: Address): void {
    let addresses = this.#queues.get(neighbour);
    if (addresses === undefined) {
      addresses = new Set();
      this.#queues.set(neighbour, addresses);
    }
    addresses.add(address);
  }

  setCutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff;
    if (!isCutOff) this.check();
  }

  waitForSubscription(subscription: RunningSubscription): void {
    this.#subscriptions.add(subscription);
  }

  /** Resolves when all that was to be waited for is below its mark, or gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.check();
    });
  }

  /** To be called when a queue may have become low. */
  check(): void {
    if (this.#queues.size === 0 && this.#subscriptions.size === 0 && this.#waiting.length === 0)
      return;
    for (const [neighbour, addresses] of this.#queues) {
      const isGone = !this.#neighbours.all.has(neighbour);
      for (const address of addresses) {
        if (isGone || !neighbour.session.sender.isHigh(address)) addresses.delete(address);
      }
      if (addresses.size === 0) this.#queues.delete(neighbour);
    }
    for (const subscription of this.#subscriptions) {
      if (subscription.isEnded || !subscription.isHigh) this.#subscriptions.delete(subscription);
    }
    if (this.#queues.size > 0 || this.#subscriptions.size > 0 || this.#isCutOff) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
