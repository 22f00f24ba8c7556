import { asOmnibusError, OmnibusError } from "../base/index.ts";
import {
  type Address,
  BodyReader,
  isBodyIntact,
  moreFlag,
  recordFlag,
  type RunHeader,
} from "../wire/index.ts";
import type { BusContext } from "./bus-context.ts";
import type { Neighbour } from "./neighbour.ts";
import type { RunningSubscription } from "./subscription.ts";
import { plainLive, ReceivedMessage } from "./received-message.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Who gets the messages of a run. */
interface Destination {
  readonly receivers: readonly RunningSubscription[];
  readonly isReplay: boolean;
  readonly isCovered: boolean;
}

/** The way of a run from a neighbour to the subscribers and the history of this process. */
export class Arrivals {
  readonly #core: BusContext;
  readonly #reader = new BodyReader();

  constructor(core: BusContext) {
    this.#core = core;
  }

  /** A run came in. Its body is looked at only if somebody here wants it. */
  run(neighbour: Neighbour, address: Address, header: RunHeader): void {
    const core = this.#core;
    const { receivers, isCovered, isWantedHere } = core.reach.of(address);
    if (!isWantedHere) return;
    const { bytes, bodyStart, bodyEnd } = header;
    if (!isBodyIntact(bytes, bodyStart, bodyEnd)) {
      const from = neighbour.session.link.remote;
      this.#malformed(
        new OmnibusError("bad-run", `a run for ${address.name} from ${from} is damaged`),
      );
      return;
    }
    // History comes from the server that was asked for it; what a client calls history is live.
    const isReplay = (header.more & moreFlag.replay) !== 0 && neighbour.session.isDialer;
    const wanting = core.subscribers.catchingUp(receivers, isReplay);
    try {
      this.#records(neighbour, address, header, {
        receivers: wanting,
        isReplay,
        isCovered: isCovered && !isReplay,
      });
    } catch (error) {
      this.#malformed(asOmnibusError(error));
    }
  }

  #records(neighbour: Neighbour, address: Address, header: RunHeader, to: Destination): void {
    const reader = this.#reader;
    const { bodyStart, bodyEnd } = header;
    // Messages outlive the memory that the link reads into. All that a server sends is for this process:
    // one copy for the whole frame.
    if (neighbour.session.isDialer) {
      const copy = header.copyFrame();
      reader.open(copy, bodyStart - header.copyStart, bodyEnd - header.copyStart);
    } else {
      reader.open(header.bytes.slice(bodyStart, bodyEnd), 0, bodyEnd - bodyStart);
    }
    if (reader.count === 1) this.#single(neighbour, address, to);
    else this.#several(neighbour, address, to);
  }

  #single(neighbour: Neighbour, address: Address, to: Destination): void {
    const reader = this.#reader;
    if (!reader.next()) return;
    const message = this.#message(address, to.isReplay);
    reader.next();
    this.#deliver(neighbour, message, to);
  }

  /** Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2] */
  #several(neighbour: Neighbour, address: Address, to: Destination): void {
    const messages: ReceivedMessage[] = [];
    while (this.#reader.next()) messages.push(this.#message(address, to.isReplay));
    for (const message of messages) this.#deliver(neighbour, message, to);
  }

  /** The message that the reader stands at. */
  #message(address: Address, isReplay: boolean): ReceivedMessage {
    const reader = this.#reader;
    const { bytes } = reader;
    const hasId = (reader.recordFlags & recordFlag.id) !== 0;
    const id = hasId ? decoder.decode(bytes.subarray(reader.idStart, reader.idEnd)) : undefined;
    const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
    return new ReceivedMessage(address.name, bytes, reader, about);
  }

  #deliver(neighbour: Neighbour, message: ReceivedMessage, to: Destination): void {
    const core = this.#core;
    core.stats.received++;
    core.stats.delivered += to.receivers.length;
    if (to.isCovered) core.log?.append(message);
    core.subscribers.dispatch(to.receivers, message, neighbour.origin);
  }

  #malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}
