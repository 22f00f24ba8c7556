import { asOmnibusError, type OmnibusError } from "../base/index.ts";
import {
  type Address,
  type AddressList,
  BodyReader,
  isBodyIntact,
  moreFlag,
  recordFlag,
  type RunHeader,
} from "../wire/index.ts";
import type { BusContext } from "./bus-context.ts";
import type { CatchUps } from "./catch-ups.ts";
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
  readonly catchUps: CatchUps;
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
  /** Of its source, if it is to send history to anybody. */
  readonly catchUps: CatchUps | undefined;
}

/** The way of a run from a neighbour to the subscribers and the history of this process. */
export class Arrivals {
  readonly #core: ArrivalHost;
  readonly #reader = new BodyReader();
  #readerOfSeveral: BodyReader | undefined = new BodyReader();

  constructor(core: ArrivalHost) {
    this.#core = core;
  }

  /** A run came in. Its body is looked at only if somebody here wants it. */
  run(neighbour: RunSource, address: Address, header: RunHeader): void {
    const reach = this.#core.reach.of(address);
    if (!reach.isWantedHere || !this.#isIntact(neighbour, address, header)) return;
    try {
      this.#open(this.#reader, neighbour, header);
      const to = destination(neighbour, reach, isReplay(neighbour, header));
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
    // Not the one of single runs: handlers are called while this one is under way.
    const reader = this.#readerOfSeveral ?? new BodyReader();
    this.#readerOfSeveral = undefined;
    try {
      // Twice: nothing of a run is delivered before all of it was found well formed. [WIRE-5.2]
      this.#open(reader, neighbour, header);
      while (reader.next());
      this.#open(reader, neighbour, header);
      const isHistory = isReplay(neighbour, header);
      for (let n = 0; reader.next(); n++) {
        const address = list.at(n);
        const one = reach.of(address);
        if (!one.isWantedHere) continue;
        const to = destination(neighbour, one, isHistory);
        this.#deliver(neighbour, messageAt(reader, address, isHistory), to);
      }
    } catch (error) {
      this.malformed(asOmnibusError(error));
    }
    this.#readerOfSeveral = reader;
  }

  #isIntact(neighbour: RunSource, { name }: Address, header: RunHeader): boolean {
    const { bytes, bodyStart, bodyEnd } = header;
    if (isBodyIntact(bytes, bodyStart, bodyEnd)) return true;
    this.malformed(damagedRun(name, neighbour.session.link.remote));
    return false;
  }

  /**
   * Messages outlive the memory that the link reads into. All that a server sends is for this process: one
   * copy for the whole frame.
   */
  #open(reader: BodyReader, neighbour: RunSource, header: RunHeader): void {
    const { bodyStart, bodyEnd, listed } = header;
    if (neighbour.session.isDialer) {
      const copy = header.copyFrame();
      const { copyStart } = header;
      reader.open(copy, bodyStart - copyStart, bodyEnd - copyStart, listed);
    } else {
      const copy = header.bytes.slice(bodyStart, bodyEnd);
      reader.open(copy, 0, copy.length, listed);
    }
  }

  #single(neighbour: RunSource, address: Address, to: Destination): void {
    const reader = this.#reader;
    if (!reader.next()) return;
    const message = messageAt(this.#reader, address, to.isReplay);
    reader.next();
    this.#deliver(neighbour, message, to);
  }

  /** Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2] */
  #several(neighbour: RunSource, address: Address, to: Destination): void {
    const messages: ReceivedMessage[] = [];
    while (this.#reader.next()) messages.push(messageAt(this.#reader, address, to.isReplay));
    for (const message of messages) this.#deliver(neighbour, message, to);
  }

  #deliver(neighbour: RunSource, message: ReceivedMessage, to: Destination): void {
    const core = this.#core;
    core.stats.received++;
    if (to.isCovered) core.log?.append(message);
    const receivers =
      to.catchUps === undefined ? to.receivers : to.catchUps.takersOfLive(to.receivers, message);
    core.stats.delivered += receivers.length;
    core.subscribers.dispatch(receivers, message, neighbour.origin);
  }

  /** A run could not be read: dropped, counted, told. */
  malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}

/** Whether it is history: from the server that was asked for it. What a client calls history is live. */
function isReplay({ session }: RunSource, { more }: RunHeader): boolean {
  return (more & moreFlag.replay) !== 0 && session.isDialer;
}

/** The message that a reader stands at. */
function messageAt(reader: BodyReader, address: Address, isHistory: boolean): ReceivedMessage {
  const { bytes } = reader;
  const hasId = (reader.recordFlags & recordFlag.id) !== 0;
  const id = hasId ? decoder.decode(bytes.subarray(reader.idStart, reader.idEnd)) : undefined;
  const about = hasId || isHistory ? { id, missed: 0, isReplay: isHistory } : plainLive;
  return new ReceivedMessage(address.name, bytes, reader, about);
}

function destination(
  { catchUps }: RunSource,
  { receivers, isCovered }: ReachHere,
  isHistory: boolean,
): Destination {
  if (isHistory) {
    const one = catchUps.takersOfHistory(receivers);
    return { receivers: one, isReplay: true, isCovered: false, catchUps: undefined };
  }
  const waiting = catchUps.isEmpty ? undefined : catchUps;
  return { receivers, isReplay: false, isCovered, catchUps: waiting };
}
