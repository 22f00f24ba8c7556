import type { Address } from "../wire/index.ts";
import type { RunningSubscription } from "./subscription.ts";

/** A queue to a neighbour that publishers may have to wait for; when it is gone it is not high any more. */
export interface Queueing {
  isHigh(address: Address): boolean;
}

/** What publishers of this process were asked to wait for, and those that wait. */
export class Drain {
  readonly #queues = new Map<Queueing, Set<Address>>();
  readonly #subscriptions = new Set<RunningSubscription>();
  #waiting: (() => void)[] = [];
  /** Whether publishers are to wait for a connection. */
  #isCutOff = false;

  waitFor(queue: Queueing, address: Address): void {
    const addresses = this.#queues.get(queue);
    if (addresses === undefined) this.#queues.set(queue, new Set([address]));
    else addresses.add(address);
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
    for (const [queue, addresses] of this.#queues) {
      for (const address of addresses) if (!queue.isHigh(address)) addresses.delete(address);
      if (addresses.size === 0) this.#queues.delete(queue);
    }
    for (const subscription of this.#subscriptions)
      if (!subscription.isHigh) this.#subscriptions.delete(subscription);
    if (this.#queues.size > 0 || this.#subscriptions.size > 0 || this.#isCutOff) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
