import type { Router } from "../routing/index.ts";
import type { Address } from "../wire/index.ts";
import type { LocalSubscribers } from "./local-subscribers.ts";
import type { Neighbour } from "./neighbour.ts";
import type { LogProvider } from "./plugs.ts";
import type { RunningSubscription } from "./subscription.ts";

/** Where messages of one address go, as far as this node knows. */
export interface Reach {
  /** The neighbours that want them. */
  readonly faces: readonly Neighbour[];
  /** The widest realm of a link among those; a message of a narrower one does not go to all. */
  readonly widestRealm: number;
  /** The subscriptions of this process that want them. */
  readonly receivers: readonly RunningSubscription[];
  /** Whether they are kept in the history. */
  readonly isCovered: boolean;
  /** Whether anybody in this process, the history included, wants them. */
  readonly isWantedHere: boolean;
  /** The state of the tables that this was worked out from. */
  readonly version: number;
}

/** What `ReachTable` asks. */
export interface ReachSources {
  readonly router: Router<Neighbour>;
  readonly subscribers: LocalSubscribers;
  readonly log: LogProvider | undefined;
}

/**
 * Answers where messages of an address go. Worked out once for each address and kept with it until one of
 * the tables changes, so that a message on a warm topic costs one comparison.
 */
export class ReachTable {
  readonly #router: Router<Neighbour>;
  readonly #subscribers: LocalSubscribers;
  readonly #log: LogProvider | undefined;

  constructor({ router, subscribers, log }: ReachSources) {
    this.#router = router;
    this.#subscribers = subscribers;
    this.#log = log;
  }

  of(address: Address): Reach {
    const kept = address.reach as Reach | undefined;
    // Each version only grows: the sum is another one whenever one of them is.
    const version =
      this.#router.version +
      this.#subscribers.version +
      (this.#log === undefined ? 0 : this.#log.version);
    return kept !== undefined && kept.version === version ? kept : this.#resolve(address, version);
  }

  #resolve(address: Address, version: number): Reach {
    const { name } = address;
    const { faces, widestRealm } = this.#router.targets(name);
    const receivers = this.#subscribers.of(name);
    const isCovered = this.#log?.covers(name) ?? false;
    const isWantedHere = isCovered || receivers.length > 0;
    const reach = { faces, widestRealm, receivers, isCovered, isWantedHere, version };
    address.reach = reach;
    return reach;
  }
}
