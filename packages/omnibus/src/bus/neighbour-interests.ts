import { OmnibusError, patternCost, realmNumber } from "../base/index.ts";
import type { Router } from "../routing/index.ts";
import type { InterestStatement } from "../session/index.ts";
import type { Principal } from "./bus-view.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourLimits } from "./neighbour-limits.ts";

/** What this needs of its node. */
export interface InterestsHost {
  readonly neighbourLimits: NeighbourLimits;
  maySubscribe(principal: Principal, pattern: string): boolean;
  /** A neighbour wants what the history holds. */
  replay(neighbour: Neighbour, statement: InterestStatement): void;
}

/** What neighbours say that they want, as far as they may and within their limits. */
export class NeighbourInterests {
  readonly #host: InterestsHost;
  readonly #router: Router<Neighbour>;

  constructor(host: InterestsHost, router: Router<Neighbour>) {
    this.#host = host;
    this.#router = router;
  }

  /** A neighbour has a new interest, or one less. */
  state(neighbour: Neighbour, statement: InterestStatement): void {
    const router = this.#router;
    const { session } = neighbour;
    const { pattern, isAdded } = statement;
    if (!isAdded) {
      const isGone = router.remove(neighbour, pattern) && !router.has(neighbour, pattern);
      if (isGone) session.names.give(patternCost(pattern));
      return;
    }
    const error = this.#faultOf(neighbour, pattern);
    if (error !== undefined) session.say.refusal({ verb: "subscribe", name: pattern, error });
    else if (realmNumber(statement.realm) >= neighbour.realmNumber) {
      if (!router.has(neighbour, pattern)) session.names.take(patternCost(pattern));
      router.add(neighbour, pattern);
      if (statement.replay > 0) this.#host.replay(neighbour, statement);
    }
  }

  /** Why a neighbour may not have that interest, or one more. */
  #faultOf(neighbour: Neighbour, pattern: string): OmnibusError | undefined {
    const { principal, session } = neighbour;
    if (principal !== undefined && !this.#host.maySubscribe(principal, pattern)) {
      return new OmnibusError("denied", `${principal.name} may not subscribe to ${pattern}`);
    }
    if (this.#router.has(neighbour, pattern)) return undefined;
    const { maxInterests } = this.#host.neighbourLimits;
    if (this.#router.interestCount(neighbour) >= maxInterests) {
      return new OmnibusError("too-many", `more than ${maxInterests} subscriptions`);
    }
    return session.names.hasRoomFor(patternCost(pattern)) ? undefined : session.names.exceeded();
  }
}
