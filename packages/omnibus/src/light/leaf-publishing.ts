import { checkTopic, type Clock, OmnibusError, type Realm, realmNumber } from "../base/index.ts";
import {
  type BusStats,
  type Drain,
  formatNumber,
  here,
  type LocalAbout,
  LocalMessage,
  type LocalSubscribers,
  type PublishOptions,
  type RawPayload,
  type RawPublishOptions,
  type RunningSubscription,
} from "../bus/index.ts";
import { scopeOf } from "../session/index.ts";
import { Address, ByteWriter, encodeValue } from "../wire/index.ts";
import type { LeafSession } from "./leaf-session.ts";
import type { Payload } from "./run-gatherer.ts";

/** Topics that this keeps in mind; when there are more it begins anew. */
const maxTopics = 4096;
const encoder = new TextEncoder();

/** What publishing needs of the bus. */
export interface PublishingHost {
  readonly clock: Clock;
  readonly realm: Realm;
  readonly maxMessageBytes: number;
  readonly stats: BusStats;
  readonly subscribers: LocalSubscribers;
  readonly drain: Drain;
  readonly reach: { of(address: Address): { readonly receivers: readonly RunningSubscription[] } };
  readonly isCutOff: boolean;
  /** The session with the server while it is open. */
  readonly server: LeafSession | undefined;
  checkOpen(): void;
  dropped(topic: string, messages: number, isOversized: boolean): void;
}

/** The way of a message from this process to its own subscribers and to the server. */
export class LeafPublishing {
  readonly #leaf: PublishingHost;
  readonly #writer: ByteWriter;
  readonly #topics = new Map<string, Address>();

  constructor(leaf: PublishingHost) {
    this.#leaf = leaf;
    this.#writer = new ByteWriter(leaf.maxMessageBytes);
  }

  /** What is known of a topic. Throws `closed`, `bad-topic`. */
  #topic(name: string): Address {
    this.#leaf.checkOpen();
    const topics = this.#topics;
    let address = topics.get(name);
    if (address === undefined) {
      checkTopic(name);
      if (topics.size >= maxTopics) topics.clear();
      address = new Address(0, "topic", name);
      topics.set(name, address);
    }
    return address;
  }

  /** Publishes a value. Returns false if its publisher should wait before more. */
  value(name: string, value: unknown, options: PublishOptions = {}): boolean {
    const topic = this.#topic(name);
    if (!this.#leaf.isCutOff) this.#send(name, this.#encode(value), options);
    return this.#here(topic, options, (about) => new LocalMessage(about, value));
  }

  /** Publishes a payload that is already encoded. */
  raw(name: string, payload: RawPayload, options: RawPublishOptions = {}): boolean {
    const topic = this.#topic(name);
    const format = formatNumber(payload.format);
    const isText = "text" in payload;
    const encoded = { format, bytes: isText ? encoder.encode(payload.text) : payload.bytes };
    if (!this.#leaf.isCutOff) this.#send(name, encoded, options);
    const given = isText ? payload.text : encoded;
    return this.#here(topic, options, (about) => LocalMessage.ofRaw(about, given));
  }

  #encode(value: unknown): Payload {
    if (value instanceof Uint8Array) return { format: 0, bytes: value };
    const writer = this.#writer;
    writer.reset();
    const format = encodeValue(value, writer);
    return { format, bytes: writer.view() };
  }

  #send(name: string, payload: Payload, options: RawPublishOptions): void {
    const { length } = payload.bytes;
    const { maxMessageBytes, server } = this.#leaf;
    if (length > maxMessageBytes)
      throw new OmnibusError(
        "too-big",
        `a message of ${length} bytes; at most ${maxMessageBytes} are allowed`,
      );
    const { id, timeMs, qos, realm = this.#leaf.realm, congestion } = options;
    if (server === undefined || !reaches(realm, server)) return;
    server.sender.gatherer.add(name, scopeOf(realm, congestion === "wait"), payload, {
      id: id === undefined ? undefined : encoder.encode(id),
      timeMs,
      isAcknowledged: qos === 1,
    });
    server.sender.schedule();
  }

  /** Gives the message to the subscribers of this process; returns whether its publisher may go on. */
  #here(
    topic: Address,
    options: RawPublishOptions,
    message: (about: LocalAbout) => LocalMessage,
  ): boolean {
    const leaf = this.#leaf;
    const { receivers } = leaf.reach.of(topic);
    leaf.stats.published++;
    if (receivers.length > 0) {
      const { id, qos = 0, timeMs = leaf.clock.wallMs() } = options;
      leaf.stats.delivered += receivers.length;
      leaf.subscribers.dispatch(receivers, message({ topic: topic.name, timeMs, id, qos }), here);
    }
    // There is no server: a message that was to go beyond this process is lost, and counted.
    if (leaf.isCutOff && (options.realm ?? leaf.realm) !== "process") {
      leaf.dropped(topic.name, 1, false);
      return false;
    }
    const { server, realm } = leaf;
    const sender =
      server !== undefined && reaches(options.realm ?? realm, server) ? server.sender : undefined;
    let mayGoOn = true;
    if (sender?.isHigh(topic) === true) {
      leaf.drain.waitFor(sender, topic);
      mayGoOn = false;
    }
    for (const receiver of receivers) {
      if (!receiver.isHigh) continue;
      leaf.drain.waitForSubscription(receiver, topic.name);
      mayGoOn = false;
    }
    return mayGoOn;
  }
}

/** Whether the server gets messages of that realm. */
function reaches(realm: Realm, { realmNumber: ofLink }: { readonly realmNumber: number }): boolean {
  return realmNumber(realm) >= ofLink;
}
