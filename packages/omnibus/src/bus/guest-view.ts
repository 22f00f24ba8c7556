import { OmnibusError } from "../base/index.ts";
import type { Principal, Verb } from "./bus-view.ts";
import { View } from "./view.ts";
import type { Announcer, GuestHost } from "./view-host.ts";
import type { ViewPace } from "./view-pace.ts";

/** The verbs for somebody who came in: what it may do, and how fast it may bring new topics. */
export class GuestView extends View {
  readonly #core: GuestHost;
  readonly #pace: ViewPace;

  constructor(core: GuestHost, announcer: Announcer, principal: Principal, pace: ViewPace) {
    super(core, announcer, principal);
    this.#core = core;
    this.#pace = pace;
  }

  protected override checkMay(verb: Verb, name: string): void {
    if (!this.may(verb, name)) {
      if (verb === "publish") this.#core.stats.denied++;
      throw new OmnibusError("denied", `${this.principal.name} may not ${verb} to ${name}`);
    }
    if (verb === "publish") this.#pace.uses(name);
  }

  protected override mayGoOn(isBelowMark: boolean): boolean {
    return isBelowMark && !this.#pace.isOver;
  }

  override may(verb: Verb, topicOrPattern: string): boolean {
    return this.#core.authority.may(this.principal, verb, topicOrPattern);
  }

  override drained(): Promise<void> {
    return this.#pace.isOver ? this.#pace.paid().then(() => super.drained()) : super.drained();
  }
}
