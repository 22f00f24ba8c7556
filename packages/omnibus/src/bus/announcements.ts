import type { AddressBook } from "../routing/index.ts";
import type { Session } from "../session/index.ts";
import type { EventHub } from "./event-hub.ts";
import { type HeldBack, HoldBacks } from "./hold-backs.ts";
import type { RunningSubscription } from "./subscription.ts";
import type { Announcer } from "./view-host.ts";

/** Who can be told of subscriptions. */
export interface ToldNeighbour extends HeldBack {
  readonly session: HeldBack["session"] & Pick<Session, "isDialer" | "state" | "ping">;
}

/** What this needs of the bus. */
export interface AnnouncementHost<Told extends ToldNeighbour> {
  readonly neighbours: { readonly all: Iterable<Told> };
  readonly book: Pick<AddressBook, "get">;
  readonly events: EventHub;
  /** Tells a neighbour of a subscription, or of its end. */
  state(neighbour: Told, subscription: RunningSubscription, isAdded: boolean): void;
}

/** Tells the nodes that we are connected to what this process subscribes to. */
export class Announcements<Told extends ToldNeighbour> implements Announcer {
  /** Whether a connection that we want is not open now. */
  isIncomplete: () => boolean = () => false;
  readonly holdBacks: HoldBacks;
  readonly #core: AnnouncementHost<Told>;
  #waiting: { subscription: RunningSubscription; done: () => void }[] = [];

  constructor(core: AnnouncementHost<Told>) {
    this.#core = core;
    this.holdBacks = new HoldBacks({
      openNeighbours: () =>
        [...core.neighbours.all].filter(({ session }) => session.state === "open"),
      addressOf: (topic) => core.book.get("topic", topic),
    });
    core.events.on("connected", () => this.#restate());
  }

  #uplinks(): Told[] {
    return [...this.#core.neighbours.all].filter(
      ({ session }) => session.isDialer && session.state === "open",
    );
  }

  announce(subscription: RunningSubscription): Promise<void> {
    if (subscription.realm === "process") return Promise.resolve();
    const uplinks = this.#uplinks();
    if (uplinks.length === 0 && !this.isIncomplete()) return Promise.resolve();
    subscription.wantsHistory = subscription.replay > 0;
    for (const neighbour of uplinks) this.#core.state(neighbour, subscription, true);
    return new Promise((done) => this.#confirm({ subscription, done }));
  }

  /** Waits until all uplinks have handled what was said so far. */
  #confirm(entry: { subscription: RunningSubscription; done: () => void }): void {
    const uplinks = this.#uplinks();
    if (uplinks.length === 0 || this.isIncomplete()) {
      this.#waiting.push(entry);
      return;
    }
    let left = uplinks.length;
    for (const { session } of uplinks) {
      session.ping(() => {
        if (--left > 0) return;
        if (entry.subscription.isEnded || session.state === "open") {
          entry.subscription.wantsHistory = false;
          entry.done();
        } else {
          this.#confirm(entry);
        }
      });
    }
  }

  #restate(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) this.#confirm(entry);
  }

  /** The bus is closed: nobody will be told any more. */
  giveUp(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { done } of waiting) done();
  }

  withdraw(subscription: RunningSubscription): void {
    for (const neighbour of this.#uplinks()) this.#core.state(neighbour, subscription, false);
  }
}
