import { asOmnibusError, type OmnibusError } from "../base/index.ts";
import {
  type Address,
  BodyReader,
  isBodyIntact,
  recordIdFlag,
  replayFlag,
  type RunHeader,
} from "../wire/index.ts";
import type { BusContext } from "./bus-context.ts";
import { damagedRun } from "./damaged-run.ts";
import type { RunSource } from "./local-subscribers.ts";
import type { Reach } from "./reach.ts";
import { plainLive, ReceivedMessage } from "./received-message.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The addresses that the records of a run for several go to, in order. */
export interface AddressRow {
  readonly length: number;
  at(index: number): Address | undefined;
}

/** Where messages of an address go in this process. */
type ReachHere = Pick<Reach, "receivers" | "isCovered" | "isWantedHere">;

/** What this needs of the bus. */
export interface ArrivalHost extends Pick<BusContext, "subscribers" | "log" | "events" | "stats"> {
  readonly reach: { of(address: Address): ReachHere };
}

/** The way of a run from a neighbour to the subscribers and the history of this process. */
export class Arrivals {
  readonly #core: ArrivalHost;
  /** Those that are free; a run that comes while handlers are called is rare. */
  readonly #readers: BodyReader[] = [];

  constructor(core: ArrivalHost) {
    this.#core = core;
  }

  /** A run came in. Its body is looked at only if somebody here wants it. */
  run(from: RunSource, address: Address, header: RunHeader): void {
    if (this.#core.reach.of(address).isWantedHere) this.#records(from, header, address, undefined);
  }

  /** A run came in whose records go to an address each. */
  runForSeveral(from: RunSource, list: AddressRow, header: RunHeader): void {
    const { reach } = this.#core;
    for (let n = 0; n < list.length; n++)
      if (reach.of(list.at(n) as Address).isWantedHere)
        return this.#records(from, header, list.at(0) as Address, list);
  }

  /** The records of a run, which go to `first`, or to an address of `list` each. */
  #records(from: RunSource, header: RunHeader, first: Address, list: AddressRow | undefined): void {
    const { bytes, bodyStart, bodyEnd } = header;
    if (!isBodyIntact(bytes, bodyStart, bodyEnd))
      return this.malformed(damagedRun(first.name, from.remote));
    // History comes from the server that was asked for it; what a client calls history is live.
    const isReplay = (header.more & replayFlag) !== 0 && from.isServer;
    // Handlers are called while this reader stands in the run: another run has another one.
    const reader = this.#readers.pop() ?? new BodyReader();
    try {
      // Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2]
      this.#open(reader, from, header);
      if (list === undefined) this.#deliverAll(from, reader, first, isReplay);
      else {
        while (reader.next());
        this.#open(reader, from, header);
        for (let n = 0; reader.next(); n++) {
          const address = list.at(n) as Address;
          const to = this.#core.reach.of(address);
          if (to.isWantedHere) this.#deliver(from, messageAt(reader, address.name, isReplay), to);
        }
      }
    } catch (error) {
      this.malformed(asOmnibusError(error));
    }
    this.#readers.push(reader);
  }

  /** Delivers what a reader finds in a run for one address. */
  #deliverAll(from: RunSource, reader: BodyReader, address: Address, isReplay: boolean): void {
    const messages: ReceivedMessage[] = [];
    while (reader.next()) messages.push(messageAt(reader, address.name, isReplay));
    const to = this.#core.reach.of(address);
    for (const message of messages) this.#deliver(from, message, to);
  }

  /**
   * Messages outlive the memory that the link reads into. All that a server sends is for this process: one
   * copy for the whole frame.
   */
  #open(reader: BodyReader, from: RunSource, header: RunHeader): void {
    const { bodyStart, bodyEnd, listed } = header;
    if (from.isServer) {
      const copy = header.copyFrame();
      const { copyStart } = header;
      reader.open(copy, bodyStart - copyStart, bodyEnd - copyStart, listed);
    } else {
      const copy = header.bytes.slice(bodyStart, bodyEnd);
      reader.open(copy, 0, copy.length, listed);
    }
  }

  /** Gives a message to those who want it. */
  #deliver(from: RunSource, message: ReceivedMessage, { receivers, isCovered }: ReachHere): void {
    const { subscribers, stats, log } = this.#core;
    const { catchUps } = from;
    const { isReplay } = message;
    let takers = receivers;
    if (isReplay) takers = catchUps.takersOfHistory(receivers);
    else if (!catchUps.isEmpty) takers = catchUps.takersOfLive(receivers, message);
    stats.received++;
    stats.delivered += takers.length;
    if (isCovered && !isReplay) log?.append(message);
    subscribers.dispatch(takers, message, from);
  }

  /** A run could not be read: dropped, counted, told. */
  malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}

/** The message that a reader stands at. */
function messageAt(reader: BodyReader, topic: string, isReplay: boolean): ReceivedMessage {
  const { bytes } = reader;
  const hasId = (reader.recordFlags & recordIdFlag) !== 0;
  const id = hasId ? decoder.decode(bytes.subarray(reader.idStart, reader.idEnd)) : undefined;
  const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
  return new ReceivedMessage(topic, bytes, reader, about);
}
