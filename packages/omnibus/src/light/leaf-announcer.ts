import {
  type Announcer,
  type BusStats,
  HoldBacks,
  type LocalSubscribers,
  type RunningSubscription,
} from "../bus/index.ts";
import { type Congestion, encodeCredit, encodeInterest } from "../session/index.ts";
import { creditType, interestType } from "../wire/index.ts";
import type { LeafSession } from "./leaf-session.ts";

/** What this needs of the bus. */
export interface AnnouncerHost {
  readonly subscribers: LocalSubscribers;
  readonly stats: BusStats;
  /** The session while it is open. */
  readonly server: LeafSession | undefined;
  /** Whether there is none although there should be. */
  readonly isCutOff: boolean;
}

/** A subscription of which the server has not said yet that it knows. */
interface Unconfirmed {
  readonly subscription: RunningSubscription;
  readonly done: () => void;
}

/** Tells the server what this process subscribes to, and what it is to hold back. */
export class LeafAnnouncer extends HoldBacks implements Announcer {
  readonly #leaf: AnnouncerHost;
  #waiting: Unconfirmed[] = [];

  constructor(leaf: AnnouncerHost) {
    super();
    this.#leaf = leaf;
  }

  announce(subscription: RunningSubscription): Promise<void> {
    const { server, isCutOff } = this.#leaf;
    if (subscription.realm === "process" || (server === undefined && !isCutOff))
      return Promise.resolve();
    subscription.wantsHistory = subscription.replay > 0;
    this.#state(subscription, true);
    return new Promise((done) => this.#confirm({ subscription, done }));
  }

  withdraw(subscription: RunningSubscription): void {
    this.#state(subscription, false);
  }

  /** Tells the server of a subscription, or of its end. */
  #state(subscription: RunningSubscription, isAdded: boolean): void {
    const { server } = this.#leaf;
    const { pattern, realm, realmNumber } = subscription;
    if (server === undefined || realmNumber < server.realmNumber) return;
    const replay = isAdded && subscription.wantsHistory ? subscription.replay : 0;
    const statement = { isAdded, pattern, realm, replay };
    server.sender.control(interestType, encodeInterest(statement));
    if (replay === 0) return;
    server.catchUps.asked(subscription);
    server.ping(() => (this.#leaf.stats.delivered += server.catchUps.caughtUp(subscription)));
  }

  /** Waits until the server has handled what was said so far. */
  #confirm(unconfirmed: Unconfirmed): void {
    const { server } = this.#leaf;
    if (server === undefined) {
      this.#waiting.push(unconfirmed);
      return;
    }
    const { subscription, done } = unconfirmed;
    server.ping(() => {
      if (!subscription.isEnded && server.state !== "open") return this.#confirm(unconfirmed);
      subscription.wantsHistory = false;
      done();
    });
  }

  /** There is a session again. */
  opened(): void {
    for (const topic of this.held.keys()) this.tell(topic, "hold");
    for (const subscription of this.paused) this.pauseReading(subscription);
    for (const subscription of this.#leaf.subscribers.all()) this.#state(subscription, true);
    for (const unconfirmed of this.#waiting.splice(0)) this.#confirm(unconfirmed);
  }

  /** The bus is closed: nobody will be told any more. */
  giveUp(): void {
    for (const { done } of this.#waiting.splice(0)) done();
  }

  protected override tell(topic: string, congestion: Congestion): void {
    this.#leaf.server?.sender.control(creditType, encodeCredit(topic, congestion), true);
  }

  protected override pauseReading(by: RunningSubscription): void {
    this.#leaf.server?.pauseReading(by);
  }

  protected override resumeReading(by: RunningSubscription): void {
    this.#leaf.server?.resumeReading(by);
  }
}
