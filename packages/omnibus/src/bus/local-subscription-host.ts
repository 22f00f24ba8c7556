import type { Principal } from "./bus-view.ts";
import type { QueueableMessage } from "./message-queue.ts";
import { receiptCheck } from "./schema-check.ts";
import type { RunningSubscription, SubscriptionHost } from "./subscription.ts";
import type { Topic } from "./topic-handle.ts";
import type { Announcer, ViewHost } from "./view-host.ts";

/** What a subscription of a view needs of the bus. A server has thousands: there are no closures. */
export class LocalSubscriptionHost implements SubscriptionHost {
  readonly validate: ((message: QueueableMessage) => QueueableMessage | undefined) | undefined;
  readonly #core: ViewHost;
  readonly #announcer: Announcer;
  readonly #ofView: Set<RunningSubscription>;
  readonly #principal: Principal | undefined;

  /** `ofView` are the subscriptions of its view; without a principal it may receive everything. */
  constructor(
    core: ViewHost,
    announcer: Announcer,
    ofView: Set<RunningSubscription>,
    principal: Principal | undefined,
    schema: Topic<unknown, unknown>["schema"],
  ) {
    this.#core = core;
    this.#announcer = announcer;
    this.#ofView = ofView;
    this.#principal = principal;
    this.validate = schema === undefined ? undefined : receiptCheck(schema, core);
  }

  mayReceive(topic: string): boolean {
    const principal = this.#principal;
    return principal === undefined || this.#core.authority.may(principal, "subscribe", topic);
  }

  failed(error: unknown): void {
    this.#core.events.tell("error", error instanceof Error ? error : new Error(String(error)));
  }

  congested(subscription: RunningSubscription, topic: string): void {
    this.#announcer.holdBacks.hold(subscription, topic);
  }

  overflowed(topic: string): void {
    this.#core.overflowed(topic);
  }

  full(subscription: RunningSubscription): void {
    this.#announcer.holdBacks.pause(subscription);
  }

  relieved(subscription: RunningSubscription): void {
    this.#announcer.holdBacks.letGo(subscription);
    this.#core.drain.check();
  }

  ended(subscription: RunningSubscription): void {
    this.#ofView.delete(subscription);
    this.#core.subscribers.remove(subscription);
    this.#core.drain.check();
    this.#announcer.withdraw(subscription);
  }
}
