import type { AddressBook, Router } from "../routing/index.ts";
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
  /** Whether they are kept in the history. Follows the history in the same object. */
  readonly isCovered: boolean;
  /** Whether anybody in this process, the history included, wants them. */
  readonly isWantedHere: boolean;
}

/** A reach with the state of what it was worked out from. */
interface KeptReach extends Reach {
  isCovered: boolean;
  isWantedHere: boolean;
  /** Of the router and the subscribers. */
  readonly tablesVersion: number;
  logVersion: number;
}

/** What `ReachTable` asks. */
export interface ReachSources {
  readonly router: Router<Neighbour>;
  readonly subscribers: LocalSubscribers;
  readonly log: LogProvider | undefined;
}

/** Addresses that are looked at in one call of `forgetStale`. */
const forgetAtOnce = 8192;

/**
 * Answers where messages of an address go. Worked out once for each address and kept with it until one of
 * the tables changes, so that a message on a warm topic costs two comparisons. The history has a stamp of
 * its own: it covers new topics all the time, and whoever wants an address is not asked again for that.
 */
export class ReachTable {
  readonly #router: Router<Neighbour>;
  readonly #subscribers: LocalSubscribers;
  readonly #log: LogProvider | undefined;
  #forgotVersion = 0;
  #stillToLookAt: Iterator<Address> | undefined;

  constructor({ router, subscribers, log }: ReachSources) {
    this.#router = router;
    this.#subscribers = subscribers;
    this.#log = log;
  }

  of(address: Address): Reach {
    const kept = address.reach as KeptReach | undefined;
    const tablesVersion = this.#tablesVersion;
    if (kept === undefined || kept.tablesVersion !== tablesVersion) {
      return this.#resolve(address, tablesVersion);
    }
    const log = this.#log;
    if (log !== undefined && kept.logVersion !== log.version) askAgain(kept, address, log);
    return kept;
  }

  /** Each of the two only grows: the sum is another one whenever one of them is. */
  get #tablesVersion(): number {
    return this.#router.version + this.#subscribers.version;
  }

  #resolve(address: Address, tablesVersion: number): Reach {
    const { name } = address;
    const { faces, widestRealm } = this.#router.targets(name);
    const receivers = this.#subscribers.of(name);
    const isCovered = this.#log?.covers(name) ?? false;
    const isWantedHere = isCovered || receivers.length > 0;
    const logVersion = this.#log?.version ?? 0;
    const reach: KeptReach = {
      faces,
      widestRealm,
      receivers,
      isCovered,
      isWantedHere,
      tablesVersion,
      logVersion,
    };
    address.reach = reach;
    return reach;
  }

  /**
   * Lets go of what addresses keep of tables as they were: neighbours and subscriptions that are gone would
   * live on with every address that nobody uses. To be called now and then; each call looks at a part of
   * the addresses, and only after a table has changed.
   */
  forgetStale(book: Pick<AddressBook, "all">): void {
    const tablesVersion = this.#tablesVersion;
    if (this.#stillToLookAt === undefined) {
      if (this.#forgotVersion === tablesVersion) return;
      this.#forgotVersion = tablesVersion;
      this.#stillToLookAt = book.all()[Symbol.iterator]();
    }
    for (let n = 0; n < forgetAtOnce; n++) {
      const { done, value } = this.#stillToLookAt.next();
      if (done === true) {
        this.#stillToLookAt = undefined;
        return;
      }
      const kept = value.reach as KeptReach | undefined;
      if (kept !== undefined && kept.tablesVersion !== tablesVersion) value.reach = undefined;
    }
  }
}

/** Whoever wants the address is the same; only the history is asked. */
function askAgain(kept: KeptReach, { name }: Address, log: LogProvider): void {
  kept.isCovered = log.covers(name);
  kept.isWantedHere = kept.isCovered || kept.receivers.length > 0;
  kept.logVersion = log.version;
}

/**
 * The neighbours of a reach that are to get a run of a realm: not the one that it came from, none over
 * a link that is wider than the realm, and no server if it came from one: a leaf joins none of them. [WIRE-8.4]
 */
export function takersOf(
  { faces, widestRealm }: Reach,
  from: Neighbour | undefined,
  realm: number,
): readonly Neighbour[] {
  if (realm >= widestRealm && (from === undefined || !faces.includes(from))) return faces;
  const isFromServer = from?.session.isDialer === true;
  return faces.filter(
    (face) =>
      face !== from && realm >= face.realmNumber && !(isFromServer && face.session.isDialer),
  );
}
