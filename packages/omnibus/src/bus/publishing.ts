import { checkTopic, OmnibusError, type Realm, realmNumber, realms } from "../base/index.ts";
import { AddressGuess } from "../routing/index.ts";
import { type EncodedRun, type RecordFields, RunBuilder, scopeOf } from "../session/index.ts";
import {
  type Address,
  ByteWriter,
  decodeValue,
  encodeValue,
  replayFlag,
  type ValueFormat,
} from "../wire/index.ts";
import type { BusContext } from "./bus-context.ts";
import type { PublishOptions, RawPublishOptions } from "./bus-view.ts";
import { freezeDeep } from "./freeze-deep.ts";
import { LocalMessage } from "./local-message.ts";
import { here } from "./local-subscribers.ts";
import type { Message, RawPayload } from "./message.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Reach } from "./reach.ts";
import { formatNumber } from "./received-message.ts";
import { mayShare } from "./runs-for-several.ts";
import type { RunningSubscription } from "./subscription.ts";

const encoder = new TextEncoder();

/** A payload in memory. */
interface Payload {
  readonly format: ValueFormat;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The way of a message from a publisher of this process to subscribers, history and neighbours. */
export class Publishing {
  readonly #core: BusContext;
  readonly #builder: RunBuilder;
  readonly #writer: ByteWriter;
  readonly #maxMessageBytes: number;
  readonly #isStrict: boolean;
  /** The realm of messages that name none, as a number. */
  readonly #realm: number;
  /** The `scope` byte by realm, for publishers that drop and for those that wait. */
  readonly #scopes: readonly [drop: number, wait: number][];
  /** The realm of the run that is being built, as a number. */
  #runRealm = 3;
  /** Where the last record went, and whether a run for several may hold it. */
  #runAddress: Address | undefined;
  #runFaces: readonly Neighbour[] = [];
  #isRunShared = false;
  readonly #guess = new AddressGuess();
  /** The one neighbour that history is being sent to. */
  #replayTo: Neighbour | undefined;

  constructor(
    core: BusContext,
    options: { maxMessageBytes: number; isStrict: boolean; realm: Realm },
  ) {
    this.#core = core;
    this.#maxMessageBytes = options.maxMessageBytes;
    this.#isStrict = options.isStrict;
    this.#realm = realmNumber(options.realm);
    this.#writer = new ByteWriter(options.maxMessageBytes, 65_536);
    this.#scopes = realms.map((realm) => [scopeOf(realm, false), scopeOf(realm, true)]);
    this.#builder = new RunBuilder(core.outbox, core.clock, (run) => {
      if (this.#replayTo === undefined) core.neighbours.publish(run, this.#runRealm);
      else this.#sendHistory(run, this.#replayTo);
    });
  }

  /** The numbered address of a topic. Throws `bad-topic`, `too-many`. */
  #topic(name: string): Address {
    return this.#guess.guess(name) ?? this.#find(name);
  }

  #find(name: string): Address {
    const { book } = this.#core;
    let address = book.find("topic", name);
    if (address === undefined) {
      checkTopic(name);
      address = book.get("topic", name);
    }
    this.#guess.learn(address);
    return address;
  }

  /** Publishes a value. Returns false if its publisher should wait before more. */
  value(name: string, value: unknown, options?: PublishOptions): boolean {
    const core = this.#core;
    core.checkOpen();
    const address = this.#topic(name);
    const reach = core.reach.of(address);
    let given = value;
    if (reach.faces.length > 0 || this.#isStrict) {
      const payload = this.#encode(value);
      if (this.#isStrict) given = decodedCopy(payload);
      if (reach.faces.length > 0) {
        const fields = options?.id === undefined ? undefined : { id: encoder.encode(options.id) };
        this.#send(address, reach, payload, options, fields);
      }
    }
    core.stats.published++;
    if (reach.isWantedHere) {
      const about = { topic: name, timeMs: core.wallMs(), id: options?.id, qos: 0 } as const;
      this.#deliver(reach, new LocalMessage(about, given));
    }
    if (core.isCutOff && this.#isLost(address, options)) return false;
    return this.#mayGoOn(address, reach, options);
  }

  /** Publishes a payload that is already encoded. */
  raw(name: string, payload: RawPayload, options: RawPublishOptions = {}): boolean {
    const core = this.#core;
    core.checkOpen();
    const address = this.#topic(name);
    const reach = core.reach.of(address);
    const format = formatNumber(payload.format);
    const { id, timeMs, qos = 0 } = options;
    if (reach.faces.length > 0) {
      const bytes = "bytes" in payload ? payload.bytes : encoder.encode(payload.text);
      this.#checkSize(bytes.length);
      const fields = {
        id: id === undefined ? undefined : encoder.encode(id),
        timeMs,
        isAcknowledged: qos === 1,
      };
      const encoded = { format, bytes, start: 0, end: bytes.length };
      this.#send(address, reach, encoded, options, fields);
    }
    core.stats.published++;
    if (reach.isWantedHere) {
      const about = { topic: name, timeMs: timeMs ?? core.wallMs(), id, qos };
      const raw = "bytes" in payload ? { format, bytes: payload.bytes } : payload.text;
      this.#deliver(reach, LocalMessage.ofRaw(about, raw));
    }
    if (core.isCutOff && this.#isLost(address, options)) return false;
    return this.#mayGoOn(address, reach, options);
  }

  /** Sends messages of the history to one neighbour, marked as such. */
  replay(to: Neighbour, messages: Iterable<Message>): void {
    this.#builder.close();
    this.#replayTo = to;
    this.#builder.more = replayFlag;
    try {
      this.#addAll(messages);
    } finally {
      // Also where there was no number for a topic: what others publish next is not for this one.
      this.#builder.close();
      this.#builder.more = 0;
      this.#replayTo = undefined;
    }
  }

  #sendHistory(run: EncodedRun, { session }: Neighbour): void {
    const dropped = session.sender.sendHistory(run);
    if (dropped > 0) this.#core.dropped(run.address as Address, dropped);
  }

  #addAll(messages: Iterable<Message>): void {
    for (const { topic, bytes, id, timeMs, qos, format } of messages) {
      const fields = {
        id: id === undefined ? undefined : encoder.encode(id),
        timeMs,
        isAcknowledged: qos === 1,
      };
      const payload = { format: formatNumber(format), bytes, start: 0, end: bytes.length };
      this.#builder.add(this.#topic(topic), scopeOf("global", true), payload, fields);
    }
  }

  #encode(value: unknown): Payload {
    if (value instanceof Uint8Array) {
      this.#checkSize(value.length);
      return { format: 0, bytes: value, start: 0, end: value.length };
    }
    const writer = this.#writer;
    writer.reset();
    const format = encodeValue(value, writer);
    return { format, bytes: writer.bytes, start: 0, end: writer.at };
  }

  #checkSize(bytes: number): void {
    if (bytes <= this.#maxMessageBytes) return;
    throw new OmnibusError(
      "too-big",
      `a message of ${bytes} bytes; at most ${this.#maxMessageBytes} are allowed`,
    );
  }

  #send(
    address: Address,
    { faces }: Reach,
    payload: Payload,
    options: Pick<RawPublishOptions, "realm" | "congestion"> | undefined,
    fields: RecordFields | undefined,
  ): void {
    const realm = this.#realmOf(options);
    if (realm !== this.#runRealm) {
      this.#builder.close();
      this.#runRealm = realm;
    }
    const [drop, wait] = this.#scopes[realm] as [number, number];
    const scopeByte = options?.congestion === "wait" ? wait : drop;
    this.#builder.add(address, scopeByte, payload, fields, this.#mayJoin(address, faces));
  }

  /** Whether a record for `address` may join the run that is being built, if that is for another one. */
  #mayJoin(address: Address, faces: readonly Neighbour[]): boolean {
    if (address === this.#runAddress) return this.#isRunShared;
    const isShared = mayShare(faces, address);
    const mayJoin = isShared && this.#isRunShared && faces === this.#runFaces;
    this.#runAddress = address;
    this.#runFaces = faces;
    this.#isRunShared = isShared;
    return mayJoin;
  }

  #deliver({ receivers, isCovered }: Reach, message: LocalMessage): void {
    const core = this.#core;
    if (isCovered) core.log?.append(message);
    core.stats.delivered += receivers.length;
    core.subscribers.dispatch(receivers, message, here);
  }

  /** There is no server: a message that was to go beyond this process is lost, and counted. */
  #isLost(address: Address, options: Pick<RawPublishOptions, "realm"> | undefined): boolean {
    if (this.#realmOf(options) === 0) return false;
    this.#core.dropped(address, 1);
    return true;
  }

  /** The realm of a message, as a number. */
  #realmOf(options: Pick<RawPublishOptions, "realm"> | undefined): number {
    return options?.realm === undefined ? this.#realm : realmNumber(options.realm);
  }

  #mayGoOn(
    address: Address,
    { faces, receivers }: Reach,
    options: Pick<RawPublishOptions, "realm"> | undefined,
  ): boolean {
    const { drain } = this.#core;
    let mayGoOn = true;
    for (let n = 0; n < faces.length; n++) {
      const neighbour = faces[n] as Neighbour;
      const { sender } = neighbour.session;
      if (!sender.isHigh(address)) continue;
      // It does not get messages of a narrower realm.
      if (this.#realmOf(options) < neighbour.realmNumber) continue;
      drain.waitFor(sender, address);
      mayGoOn = false;
    }
    for (let n = 0; n < receivers.length; n++) {
      const receiver = receivers[n] as RunningSubscription;
      if (!receiver.isHigh) continue;
      drain.waitForSubscription(receiver, address.name);
      mayGoOn = false;
    }
    return mayGoOn;
  }
}

function decodedCopy(payload: Payload): unknown {
  const bytes = payload.bytes.slice(payload.start, payload.end);
  return freezeDeep(decodeValue(payload.format, bytes, 0, bytes.length));
}
