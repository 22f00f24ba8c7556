import type { BusCore } from "./bus-core.ts";
import type { HoldBacks } from "./hold-backs.ts";
import type { RunningSubscription } from "./subscription.ts";

/** How subscriptions of this process are told to neighbours; the open bus knows who they are. */
export interface Announcer extends Pick<HoldBacks, "hold" | "pause" | "letGo"> {
  /** Tells neighbours of a new subscription; resolves when all have it. */
  announce(subscription: RunningSubscription): Promise<void>;
  withdraw(subscription: RunningSubscription): void;
}

/** What the verbs need of the bus. */
export type ViewHost = Pick<
  BusCore,
  "subscribers" | "events" | "drain" | "stats" | "overflowed" | "realm" | "checkOpen" | "begin"
> & { readonly publishing: Pick<BusCore["publishing"], "value" | "raw"> };

/** What the verbs of somebody who came in need besides. */
export type GuestHost = ViewHost & Pick<BusCore, "authority">;
