import type { BusView } from "./bus-view.ts";
import type { RunningSubscription, SubscriptionHost } from "./subscription.ts";
import type { TopicCheck } from "./topic-handle.ts";
import type { Announcer, ViewHost } from "./view-host.ts";

/** What a subscription of a view needs of the bus. A server has thousands: there are no closures. */
export class LocalSubscriptionHost implements SubscriptionHost {
  readonly validate: SubscriptionHost["validate"] = undefined;
  readonly #core: ViewHost;
  readonly #announcer: Announcer;
  readonly #ofView: Set<RunningSubscription>;
  readonly #view: Pick<BusView, "may">;

  /** `ofView` are the subscriptions of its view, `check` that of its topic. */
  constructor(
    core: ViewHost,
    announcer: Announcer,
    ofView: Set<RunningSubscription>,
    view: Pick<BusView, "may">,
    check: TopicCheck | undefined,
  ) {
    this.#core = core;
    this.#announcer = announcer;
    this.#ofView = ofView;
    this.#view = view;
    if (check !== undefined)
      this.validate = (message) => check.received(message, (error) => this.#invalid(error));
  }

  #invalid(error: Error): void {
    this.#core.stats.invalid++;
    this.failed(error);
  }

  mayReceive(topic: string): boolean {
    return this.#view.may("subscribe", topic);
  }

  failed(error: unknown): void {
    this.#core.events.tell("error", error instanceof Error ? error : new Error(String(error)));
  }

  congested(subscription: RunningSubscription, topic: string): void {
    this.#announcer.hold(subscription, topic);
  }

  overflowed(topic: string): void {
    this.#core.overflowed(topic);
  }

  full(subscription: RunningSubscription): void {
    this.#announcer.pause(subscription);
  }

  relieved(subscription: RunningSubscription): void {
    this.#announcer.letGo(subscription);
    this.#core.drain.check();
  }

  ended(subscription: RunningSubscription): void {
    this.#ofView.delete(subscription);
    this.#core.subscribers.remove(subscription);
    this.#core.drain.check();
    this.#announcer.withdraw(subscription);
  }
}
