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
  readonly #reader = new BodyReader();

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
    const messages: ReceivedMessage[] = [];
    const addresses: Address[] = [];
    try {
      this.#open(from, header);
      // Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2]
      while (this.#reader.next()) {
        const address = list?.at(messages.length) ?? first;
        messages.push(this.#message(address.name, isReplay));
        if (list !== undefined) addresses.push(address);
      }
      // From here on the reader, and the list, may be used for another run: handlers are called.
      if (list === undefined) this.#deliver(from, messages, first, isReplay);
      else
        for (let n = 0; n < messages.length; n++)
          this.#deliver(from, messages.slice(n, n + 1), addresses[n] as Address, isReplay);
    } catch (error) {
      this.malformed(asOmnibusError(error));
    }
  }

  /**
   * Messages outlive the memory that the link reads into. All that a server sends is for this process: one
   * copy for the whole frame.
   */
  #open(from: RunSource, header: RunHeader): void {
    const { bodyStart, bodyEnd, listed } = header;
    if (from.isServer) {
      const copy = header.copyFrame();
      const { copyStart } = header;
      this.#reader.open(copy, bodyStart - copyStart, bodyEnd - copyStart, listed);
    } else {
      const copy = header.bytes.slice(bodyStart, bodyEnd);
      this.#reader.open(copy, 0, copy.length, listed);
    }
  }

  /** The message that the reader stands at. */
  #message(topic: string, isReplay: boolean): ReceivedMessage {
    const reader = this.#reader;
    const { bytes } = reader;
    const hasId = (reader.recordFlags & recordIdFlag) !== 0;
    const id = hasId ? decoder.decode(bytes.subarray(reader.idStart, reader.idEnd)) : undefined;
    const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
    return new ReceivedMessage(topic, bytes, reader, about);
  }

  /** Gives messages to those who want what goes to `address`. */
  #deliver(
    from: RunSource,
    messages: readonly ReceivedMessage[],
    address: Address,
    isReplay: boolean,
  ): void {
    const { reach, subscribers, stats, log } = this.#core;
    const { receivers, isCovered, isWantedHere } = reach.of(address);
    if (!isWantedHere) return;
    const { catchUps } = from;
    const wanting = isReplay ? catchUps.takersOfHistory(receivers) : receivers;
    const mayWait = !isReplay && !catchUps.isEmpty;
    for (const message of messages) {
      stats.received++;
      if (isCovered && !isReplay) log?.append(message);
      const takers = mayWait ? catchUps.takersOfLive(wanting, message) : wanting;
      stats.delivered += takers.length;
      subscribers.dispatch(takers, message, from);
    }
  }

  /** A run could not be read: dropped, counted, told. */
  malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}
