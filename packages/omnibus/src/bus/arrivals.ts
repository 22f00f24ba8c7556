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
import { PayloadPool } from "./payload-pool.ts";
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
  readonly #pool = new PayloadPool();

  constructor(core: BusContext) {
    this.#core = core;
  }

  /** A run came in. Its body is looked at only if somebody here wants it. */
  run(neighbour: Neighbour, address: Address, header: RunHeader): void {
    const core = this.#core;
    const receivers = core.subscribers.of(address);
    const isCovered = core.isCovered(address);
    if (receivers.length === 0 && !isCovered) return;
    const { bytes, bodyStart, bodyEnd } = header;
    if (!isBodyIntact(bytes, bodyStart, bodyEnd)) {
      const from = neighbour.session.link.remote;
      this.#malformed(
        new OmnibusError("bad-run", `a run for ${address.name} from ${from} is damaged`),
      );
      return;
    }
    const isReplay = (header.more & moreFlag.replay) !== 0;
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
    const core = this.#core;
    const reader = this.#reader;
    const { receivers, isReplay, isCovered } = to;
    let body = header.bytes;
    reader.open(body, header.bodyStart, header.bodyEnd);
    const isSingle = reader.count === 1;
    if (!isSingle) {
      // One copy for the whole run: messages outlive the memory that the link reads into.
      body = body.slice(header.bodyStart, header.bodyEnd);
      reader.open(body, 0, body.length);
    }
    // Nothing of a run is delivered before all of it was found well formed. [WIRE-5.2]
    const messages: ReceivedMessage[] = [];
    while (reader.next()) {
      const hasId = (reader.recordFlags & recordFlag.id) !== 0;
      const id = hasId ? decoder.decode(body.subarray(reader.idStart, reader.idEnd)) : undefined;
      const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
      const payload = isSingle
        ? this.#pool.copy(body, reader.payloadStart, reader.payloadEnd)
        : body;
      messages.push(new ReceivedMessage(address.name, payload, reader, about));
    }
    core.stats.received += messages.length;
    core.stats.delivered += messages.length * receivers.length;
    for (const message of messages) {
      if (isCovered) core.log?.append(message);
      core.subscribers.dispatch(receivers, message, neighbour.origin);
    }
  }

  #malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}
