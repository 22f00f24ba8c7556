import { asOmnibusError, OmnibusError } from "../base/index.ts";
import { type Address, BodyReader, isBodyIntact, moreFlag, recordFlag, type RunHeader } from "../wire/index.ts";
import type { BusCore } from "./bus-core.ts";
import type { Neighbour } from "./neighbours.ts";
import { plainLive, ReceivedMessage } from "./received-message.ts";

const decoder = new TextDecoder();

/** The way of a run from a neighbour to the subscribers and the history of this process. */
export class Arrivals {
  readonly #core: BusCore;
  readonly #reader = new BodyReader();

  constructor(core: BusCore) {
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
      this.#malformed(new OmnibusError("bad-run", `a run for ${address.name} from ${from} is damaged`));
      return;
    }
    // One copy for the whole run: messages outlive the memory that the link reads into.
    const body = bytes.slice(bodyStart, bodyEnd);
    const isReplay = (header.more & moreFlag.replay) !== 0;
    try {
      this.#records(neighbour, address, body, isReplay);
    } catch (error) {
      this.#malformed(asOmnibusError(error));
    }
  }

  #records(neighbour: Neighbour, address: Address, body: Uint8Array, isReplay: boolean): void {
    const core = this.#core;
    const reader = this.#reader;
    const isCovered = !isReplay && core.isCovered(address);
    const receivers = core.subscribers.of(address).filter((one) => one.isCatchingUp === isReplay);
    const from = { realmNumber: neighbour.realmNumber, isElsewhere: true };
    reader.open(body, 0, body.length);
    while (reader.next()) {
      const hasId = (reader.recordFlags & recordFlag.id) !== 0;
      const id = hasId ? decoder.decode(body.subarray(reader.idStart, reader.idEnd)) : undefined;
      const about = hasId || isReplay ? { id, missed: 0, isReplay } : plainLive;
      const message = new ReceivedMessage(address.name, body, reader, about);
      core.stats.received++;
      core.stats.delivered += receivers.length;
      if (isCovered) core.log?.append(message);
      core.subscribers.dispatch(receivers, message, from);
    }
  }

  #malformed(error: OmnibusError): void {
    this.#core.stats.malformed++;
    this.#core.events.tell("error", error);
  }
}
