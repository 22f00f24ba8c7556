import type { Address, AddressList } from "../wire/index.ts";
import type { Principal } from "./bus-view.ts";
import type { Neighbour } from "./neighbour.ts";

/** What this needs of its node. */
export interface RightsHost {
  mayPublish(principal: Principal, topic: string): boolean;
  /** Grows when verdicts may have changed. */
  readonly authorityVersion: number;
}

/** Which neighbour may publish where: each verdict is asked for once, and kept with the neighbour. */
export class PublishRights {
  readonly #host: RightsHost;

  constructor(host: RightsHost) {
    this.#host = host;
  }

  mayPublish(from: Neighbour, address: Address): boolean {
    const { principal } = from;
    if (principal === undefined) return true;
    if (from.verdictVersion !== this.#host.authorityVersion) {
      from.verdictVersion = this.#host.authorityVersion;
      from.judged.clear();
      from.mayPublish.clear();
    }
    const { number } = address;
    if (from.mayPublish.has(number)) return true;
    if (from.judged.has(number)) return false;
    const isAllowed = this.#host.mayPublish(principal, address.name);
    from.judged.add(number);
    if (isAllowed) from.mayPublish.add(number);
    return isAllowed;
  }

  /** Whether it is known already that a neighbour may publish to all of the addresses. */
  isKnownForAll(from: Neighbour, list: AddressList): boolean {
    if (from.principal === undefined) return true;
    if (from.verdictVersion !== this.#host.authorityVersion) return false;
    for (let n = 0; n < list.length; n++) if (!from.mayPublish.has(list.at(n).number)) return false;
    return true;
  }
}
