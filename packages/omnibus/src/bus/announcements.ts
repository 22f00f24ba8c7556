import type { Congestion } from "../session/index.ts";
import type { BusCore } from "./bus-core.ts";
import { HoldBacks } from "./hold-backs.ts";
import type { Neighbour } from "./neighbour.ts";
import type { RunningSubscription } from "./subscription.ts";
import type { Announcer } from "./view-host.ts";

/** What this needs of the bus. */
export type AnnouncementHost = Pick<BusCore, "neighbours" | "events" | "state">;

/** Tells the nodes that we are connected to what this process subscribes to. */
export class Announcements extends HoldBacks implements Announcer {
  /** Whether a connection that we want is not open now. */
  isIncomplete: () => boolean = () => false;
  readonly #core: AnnouncementHost;
  #waiting: { subscription: RunningSubscription; done: () => void }[] = [];

  constructor(core: AnnouncementHost) {
    super();
    this.#core = core;
    core.events.on("connected", () => this.#restate());
  }

  protected override tell(name: string, congestion: Congestion): void {
    for (const { session } of this.#open()) session.say.credit({ name }, congestion);
  }

  protected override pauseReading(by: RunningSubscription): void {
    for (const { session } of this.#open()) session.pauseReading(by);
  }

  protected override resumeReading(by: RunningSubscription): void {
    for (const { session } of this.#open()) session.resumeReading(by);
  }

  /** A session was opened: it begins with what the others were asked to hold back. */
  connected({ session }: Neighbour): void {
    for (const name of this.held.keys()) session.say.credit({ name }, "hold");
    for (const subscription of this.paused) session.pauseReading(subscription);
  }

  #open(): Neighbour[] {
    return [...this.#core.neighbours.all].filter(({ session }) => session.state === "open");
  }

  #uplinks(): Neighbour[] {
    return this.#open().filter(({ session }) => session.isDialer);
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
