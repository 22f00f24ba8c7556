import { type Realm, realmNumber } from "../base/index.ts";
import { NumberSet, type Session } from "../session/index.ts";
import type { Address } from "../wire/index.ts";
import type { Principal } from "./bus-view.ts";
import { CatchUps } from "./catch-ups.ts";
import type { RunSource } from "./local-subscribers.ts";
import type { Pace } from "./pace.ts";
import type { ThrottledCounts } from "./throttled-counts.ts";
import type { TopicPace } from "./topic-pace.ts";

/** A neighbour as the bus sees it: its session, who it acts as, and what it may publish. */
export class Neighbour implements RunSource {
  readonly session: Session;
  readonly realm: Realm;
  readonly realmNumber: number;
  /** What it was asked for of its history. */
  readonly catchUps: CatchUps = new CatchUps();
  principal: Principal | undefined;
  /** Our number for the node that it is. */
  source: Address | undefined;
  /** The addresses, by number, of which it is known whether it may publish to them, and where it may. */
  readonly judged: NumberSet = new NumberSet();
  readonly mayPublish: NumberSet = new NumberSet();
  verdictVersion = 0;
  /** What it may not publish and will be told of, at most once a second for each topic. */
  refusals: ThrottledCounts | undefined = undefined;
  /** How fast it may bring new topics; nobody watches over a server that we dialled. */
  pace: TopicPace | undefined = undefined;
  /** How much history it may ask for; from when it first did. */
  replays: Pace | undefined = undefined;

  constructor(session: Session) {
    this.session = session;
    this.realm = session.link.realm;
    this.realmNumber = realmNumber(session.link.realm);
  }

  get isElsewhere(): true {
    return true;
  }

  get isServer(): boolean {
    return this.session.isDialer;
  }

  get remote(): string {
    return this.session.link.remote;
  }
}
