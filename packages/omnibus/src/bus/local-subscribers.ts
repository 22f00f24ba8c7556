import { TopicTrie } from "../base/index.ts";
import type { CatchUps } from "./catch-ups.ts";
import type { RunningSubscription } from "./subscription.ts";
import type { QueueableMessage } from "./message.ts";

/** Where a message comes from. */
export interface Origin {
  /** The realm of the link that it came over, as a number; 0 in this process. */
  readonly realmNumber: number;
  readonly isElsewhere: boolean;
}

/** Whom a run can come from. */
export interface RunSource extends Origin {
  /** Whether it is a server that we dialled. */
  readonly isServer: boolean;
  /** For people. */
  readonly remote: string;
  /** What it was asked for of its history. */
  readonly catchUps: CatchUps;
}

/** This process. */
export const here: Origin = { realmNumber: 0, isElsewhere: false };

const nobody: readonly RunningSubscription[] = [];

/** The subscriptions of this process, and who of them gets what. */
export class LocalSubscribers {
  /** Grows whenever answers may have changed. */
  version = 1;
  readonly #table = new TopicTrie<RunningSubscription>();

  add(subscription: RunningSubscription): void {
    this.#table.add(subscription.pattern, subscription);
    this.version++;
  }

  remove(subscription: RunningSubscription): void {
    this.#table.delete(subscription.pattern, subscription);
    this.version++;
  }

  /** All that run. */
  *all(): Iterable<RunningSubscription> {
    for (const [, subscription] of this.#table) yield subscription;
  }

  /** Who gets messages of that topic. Each once, whatever the number of its patterns that match. */
  of(topic: string): readonly RunningSubscription[] {
    const found = this.#table.match(topic).filter((subscription) => subscription.mayReceive(topic));
    return found.length === 0 ? nobody : found;
  }

  /** Messages for `list` were dropped on their way here. */
  noteMissed(list: readonly RunningSubscription[], count: number, from: Origin): void {
    for (const subscription of list)
      if (subscription.realmNumber >= from.realmNumber) subscription.noteMissed(count);
  }

  /** Gives a message to those of `list` who take messages from as far away as `realmNumber`. */
  dispatch(list: readonly RunningSubscription[], message: QueueableMessage, from: Origin): void {
    const { realmNumber, isElsewhere } = from;
    for (let n = 0; n < list.length; n++) {
      const subscription = list[n] as RunningSubscription;
      if (subscription.realmNumber >= realmNumber) subscription.deliver(message, isElsewhere);
    }
  }
}
