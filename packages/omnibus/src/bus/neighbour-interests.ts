import { OmnibusError, patternCost, realmNumber } from "../base/index.ts";
import type { Router } from "../routing/index.ts";
import type { InterestStatement } from "../session/index.ts";
import type { Principal } from "./bus-view.ts";
import type { Neighbour } from "./neighbour.ts";
import type { NeighbourLimits } from "./neighbour-limits.ts";
import { Pace } from "./pace.ts";

/** What this needs of its node. */
export interface InterestsHost {
  readonly neighbourLimits: NeighbourLimits;
  maySubscribe(principal: Principal, pattern: string): boolean;
  /** A neighbour wants what the history holds. Returns what that cost, in messages looked at. */
  replay(neighbour: Neighbour, statement: InterestStatement): number;
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
    const error = this.#faultOf(neighbour, statement);
    if (error !== undefined) session.say.refusal({ verb: "subscribe", name: pattern, error });
    else if (realmNumber(statement.realm) >= neighbour.realmNumber) {
      if (!router.has(neighbour, pattern)) session.names.take(patternCost(pattern));
      router.add(neighbour, pattern);
      if (statement.replay > 0) this.#replay(neighbour, statement);
    }
  }

  /** Each statement is given what it asks for, at a pace: a few bytes make us look through all there is. */
  #replay(neighbour: Neighbour, statement: InterestStatement): void {
    const cost = this.#host.replay(neighbour, statement);
    const { session } = neighbour;
    // Nobody watches over a server that we dialled.
    if (cost === 0 || session.isDialer) return;
    neighbour.replays ??= new Pace(this.#host.neighbourLimits.maxReplayedPerSec);
    neighbour.replays.use(cost, session);
  }

  /** Why a neighbour may not have that interest, or one more. */
  #faultOf(neighbour: Neighbour, { pattern, replay }: InterestStatement): OmnibusError | undefined {
    const { principal, session, replays } = neighbour;
    if (principal !== undefined && !this.#host.maySubscribe(principal, pattern)) {
      return new OmnibusError("denied", `${principal.name} may not subscribe to ${pattern}`);
    }
    // [WIRE-9.4]
    if (replay > 0 && replays?.isSpent === true)
      return new OmnibusError("too-many", "more history than can be looked through at once");
    if (this.#router.has(neighbour, pattern)) return undefined;
    const { maxInterests } = this.#host.neighbourLimits;
    if (this.#router.interestCount(neighbour) >= maxInterests) {
      return new OmnibusError("too-many", `more than ${maxInterests} subscriptions`);
    }
    return session.names.hasRoomFor(patternCost(pattern)) ? undefined : session.names.exceeded();
  }
}
