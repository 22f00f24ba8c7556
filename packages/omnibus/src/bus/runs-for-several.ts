import type { EncodedRun, Outbox } from "../session/index.ts";
import {
  type Address,
  AddressList,
  emptyHeader,
  listedBytes,
  maxHopHeaderBytes,
  type MessageHeader,
  type RunHeader,
  scopeHopMask,
  scopeRealmMask,
  scopeRealmShift,
} from "../wire/index.ts";
import type { Slab } from "../base/index.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Reach, type ReachTable, takersOf } from "./reach.ts";

/** What this needs of its node. */
export interface SeveralHost {
  readonly reach: ReachTable;
  readonly outbox: Outbox;
  /** Messages had gone on too often: dropped. */
  strayed(messages: number): void;
}

/** A run for several that can go on as it is, and where it goes. */
export interface SeveralOnTheWay {
  readonly run: EncodedRun;
  readonly receivers: readonly Neighbour[];
  /** As a number. */
  readonly realm: number;
}

/**
 * The short way of runs whose records go to several addresses: sent on as they are if all addresses lead to
 * the same neighbours and nothing else tells them apart. If not, the caller cuts them. [WIRE-4.5]
 */
export class RunsForSeveral {
  readonly #host: SeveralHost;
  readonly #header: MessageHeader & { list: AddressList } = {
    ...emptyHeader,
    list: new AddressList(),
  };

  constructor(host: SeveralHost) {
    this.#host = host;
  }

  /** Sends a run of this process. False: it must be cut. */
  publish(run: EncodedRun, list: AddressList, realm: number): boolean {
    const reach = this.#commonReach(list);
    if (reach === undefined || reach.faces.length === 0) return false;
    if (!areClear(reach.faces, undefined, list, run.byteLength)) return false;
    send(run, reach, undefined, realm);
    return true;
  }

  /** Sends on what came from a neighbour. Undefined: it goes nowhere from here; false: it must be cut. */
  forward(
    from: Neighbour,
    list: AddressList,
    header: RunHeader,
    slab: Slab,
  ): SeveralOnTheWay | undefined | false {
    const reach = this.#commonReach(list);
    if (reach === undefined || header.messages !== list.length) return false;
    const { faces } = reach;
    const isNowhere = faces.length === 0 || (faces.length === 1 && faces[0] === from);
    if (isNowhere) return undefined;
    if ((header.scope & scopeHopMask) === 0) {
      this.#host.strayed(header.messages);
      return undefined;
    }
    const bytes = header.bodyEnd - header.bodyStart + maxHopHeaderBytes + listedBytes * list.length;
    if (!areClear(faces, from, list, bytes)) return false;
    const out = this.#header;
    out.source = from.source?.number ?? 0;
    out.scope = header.scope - 1;
    out.more = header.passedOn;
    out.list = list;
    const run = this.#host.outbox.encodeForSeveral(out, slab, header.bodyStart, header.bodyEnd);
    run.source = from.source;
    const realm = (header.scope >> scopeRealmShift) & scopeRealmMask;
    return { run, realm, receivers: send(run, reach, from, realm) };
  }

  /** Where all of the addresses lead; undefined if they part. */
  #commonReach(list: AddressList): Reach | undefined {
    const { reach } = this.#host;
    const first = reach.of(list.at(0));
    for (let n = 1; n < list.length; n++)
      if (reach.of(list.at(n)).faces !== first.faces) return undefined;
    return first;
  }
}

/** Returns whom it goes to. */
function send(
  run: EncodedRun,
  reach: Reach,
  from: Neighbour | undefined,
  realm: number,
): readonly Neighbour[] {
  const takers = takersOf(reach, from, realm);
  for (let n = 0; n < takers.length; n++) (takers[n] as Neighbour).session.sender.sendSeveral(run);
  return takers;
}

/** Whether a run of so many bytes can go to all of `faces` but `from` as it is. */
function areClear(
  faces: readonly Neighbour[],
  from: Neighbour | undefined,
  list: AddressList,
  bytes: number,
): boolean {
  for (let f = 0; f < faces.length; f++) {
    const neighbour = faces[f] as Neighbour;
    if (neighbour === from) continue;
    const { sender } = neighbour.session;
    if (!sender.isClearFor(bytes)) return false;
    for (let n = 0; n < list.length; n++) if (!sender.knows(list.at(n))) return false;
  }
  return true;
}

/** Whether records for an address may go into a run for several: all of `faces` know its number. */
export function mayShare(faces: readonly Neighbour[], address: Address): boolean {
  for (let n = 0; n < faces.length; n++) {
    const { sender } = (faces[n] as Neighbour).session;
    if (!sender.isClear || !sender.knows(address)) return false;
  }
  return true;
}
