import { asOmnibusError, type OmnibusError } from "../base/index.ts";
import {
  type Address,
  type AddressList,
  BodyReader,
  isBodyIntact,
  recordIdFlag,
  replayFlag,
  type RunHeader,
} from "../wire/index.ts";
import type { BusContext } from "./bus-context.ts";
import { damagedRun } from "./damaged-run.ts";
import type { RunningSubscription } from "./subscription.ts";
import type { Origin } from "./local-subscribers.ts";
import type { Reach } from "./reach.ts";
import { plainLive, ReceivedMessage } from "./received-message.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Whom a run can come from. */
export interface RunSource {
  readonly session: { readonly isDialer: boolean; readonly link: { readonly remote: string } };
  readonly origin: Origin;
}

/** Where messages of an address go in this process. */
type ReachHere = Pick<Reach, "receivers" | "isCovered" | "isWantedHere">;

/** What this needs of the bus. */
export interface ArrivalHost extends Pick<BusContext, "subscribers" | "log" | "events" | "stats"> {
  readonly reach: { of(address: Address): ReachHere };
}

/** Who gets the messages of a run. */
interface Destination {
  readonly receivers: readonly RunningSubscription[];
  readonly isReplay: boolean;
  readonly isCovered: boolean;
}

/** The way of a run from a neighbour to the subscribers and the history of this process. */
export class Arrivals {
  readonly #core: ArrivalHost;
  readonly #reader = new BodyReader();

  constructor(core: ArrivalHost) {
    this.#core = core;
  }

  /** A run came in. Its body is looked at only if somebody here wants it. */
  run(neighbour: RunSource, address: Address, header: RunHeader): void {
    const reach = this.#core.reach.of(address);
    if (!reach.isWantedHere || !this.#isIntact(neighbour, address, header)) return;
    try {
      this.#open(neighbour, header);
      const to = this.#destination(neighbour, reach, header);
      if (this.#reader.count === 1) this.#single(neighbour, address, to);
      else this.#several(neighbour, address, to);
    } catch (error) {
      this.malformed(asOmnibusError(error));
    }
  }

  /** A run came in whose records go to an address each. */
  runForSeveral(neighbour: RunSource, list: AddressList, header: RunHeader): void {
    const { reach } = this.#core;
    let isWanted = false;
    for (let n = 0; n < list.length && !isWanted; n++) isWanted = reach.of(list.at(n)).isWantedHere;
    if (!isWanted || !this.#isIntact(neighbour, list.at(0), header)) return;
    const reader = this.#reader;
    try {
      // Twice: nothing of a run is delivered before all of it was found well formed. [WIRE-5.2]
      this.#open(neighbour, header);
      while (reader.next());
      this.#open(neighbour, header);
      for (let n = 0; reader.next(); n++) {
        const address = list.at(n);
        const one = reach.of(address);
        if (!one.isWantedHere) continue;
        const to = this.#destination(neighbour, one, header);
        this.#deliver(neighbour, this.#message(address, to.isReplay), to);
      }
    } catch (error) {
      this.malformed(asOmnibusError(error));
    }
  }

  #isIntact(neighbour: RunSource, { name }: Address, header: RunHeader): boolean {
    const { bytes, bodyStart, bodyEnd } = header;
    if (isBodyIntact(bytes, bodyStart, bodyEnd)) return true;
    this.malformed(damagedRun(name, neighbour.session.link.remote));
    return false;
  }

  #destination(neighbour: RunSource, reach: ReachHere, header: RunHeader): Destination {
    const { receivers, isCovered } = reach;
    // History comes from the server that was asked for it; what a client calls history is live.
    const isReplay = (header.more & replayFlag) !== 0 && neighbour.session.isDialer;
    const wanting = this.#core.subscribers.catchingUp(receivers, isReplay);
    return { receivers: wanting, isReplay, isCovered: isCovered && !isReplay };
  }

  /**
   * Messages outlive the memory that the link reads into. All that a server sends is for this process: one
   * copy for the whole frame.
   */
  #open(neighbour: RunSource, header: RunHeader): void {
    const { bodyStart, bodyEnd, listed } = header;
    if (neighbour.session.isDialer) {
      const copy = header.copyFrame();
      const { copyStart } = header;
      this.#reader.open(copy, bodyStart - copyStart, bodyEnd - copyStart, listed);
    } else {
      const copy = header.bytes.slice(bodyStart, bodyEnd);
      this.#reader.open(copy, 0, copy.length, listed);
    }
  }

  #single(neighbour: RunSource, address: Address, to: Destination): void {
    const reader = this.#reader;
    if (!reader.next()) return;
    const message = this.#message(address, to.isReplay);
    reader.next();
    this.#deliver(neighbour, message, to);
  }

  /** Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2] */
  #several(neighbour: RunSource, address: Address, to: Destination): void {
    const messages: ReceivedMessage[] = [];
    while (this.#reader.next()) messages.push(this.#message(address, to.isReplay));
    for (const message of messages) this.#deliver(neighbour, message, to);
  }

  /** The message that the reader stands at. */
  #message(address: Address, isReplay: boolean): ReceivedMessage {
    const reader = this.#reader;
    const { bytes } = reader;
    const hasId = (reader.recordFlags & recordIdFlag) !== 0;
    const id = hasId ? decoder.decode(bytes.subarray(reader.idStart, reader.idEnd)) : undefined;
    const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
    return new ReceivedMessage(address.name, bytes, reader, about);
  }

  #deliver(neighbour: RunSource, message: ReceivedMessage, to: Destination): void {
    const core = this.#core;
    core.stats.received++;
    core.stats.delivered += to.receivers.length;
    if (to.isCovered) core.log?.append(message);
    core.subscribers.dispatch(to.receivers, message, neighbour.origin);
  }

  /** A run could not be read: dropped, counted, told. */
  malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}
