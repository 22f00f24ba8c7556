import { asOmnibusError, checkTopic, type Clock, type ErrorCode, OmnibusError, type Random, type Realm, realmNumber } from "../base/index.ts";
import { AddressBook, type Targets } from "../routing/index.ts";
import {
  type Hello,
  type InterestStatement,
  Outbox,
  type QueueLimits,
  queueLimits,
  type RecordFields,
  type Refusal,
  RunBuilder,
  scopeOf,
  type SessionCredentials,
} from "../session/index.ts";
import {
  type Address,
  BodyReader,
  ByteWriter,
  decodeValue,
  encodeValue,
  frameVersion,
  isBodyIntact,
  moreFlag,
  recordFlag,
  type RunHeader,
  type ValueFormat,
} from "../wire/index.ts";
import { EventHub } from "./event-hub.ts";
import type { BusOptions, BusStats } from "./bus-options.ts";
import type { Principal, PublishOptions, RawPublishOptions } from "./bus-view.ts";
import { Drain } from "./drain.ts";
import { LocalMessage } from "./local-message.ts";
import { here, LocalSubscribers } from "./local-subscribers.ts";
import type { Message, RawPayload } from "./message.ts";
import type { QueueableMessage } from "./message-queue.ts";
import { type Neighbour, type NeighbourHost, Neighbours } from "./neighbours.ts";
import { openAuthority } from "./open-authority.ts";
import type { Authority, LogProvider } from "./plugs.ts";
import { formatNames, plainLive, ReceivedMessage } from "./received-message.ts";
import type { RunningSubscription } from "./subscription.ts";
import { freezeDeep } from "./freeze-deep.ts";
import { TopicFlags } from "./topic-flags.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What one publish hands on. */
interface Outgoing {
  readonly format: ValueFormat;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The heart of a bus: from a publish to subscribers and neighbours, and from neighbours to subscribers. */
export class BusCore implements NeighbourHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly realm: Realm;
  readonly book: AddressBook;
  readonly outbox: Outbox;
  readonly hello: Hello;
  readonly limits: QueueLimits;
  readonly maxMessageBytes: number;
  readonly authority: Authority;
  readonly log: LogProvider | undefined;
  readonly subscribers: LocalSubscribers = new LocalSubscribers();
  readonly neighbours: Neighbours;
  readonly events: EventHub;
  readonly drain: Drain;
  readonly stats: BusStats = {
    published: 0,
    delivered: 0,
    received: 0,
    dropped: 0,
    missed: 0,
    malformed: 0,
    denied: 0,
    invalid: 0,
    sessions: 0,
  };
  isClosed = false;
  /** Set by the open bus. */
  onOpened: (neighbour: Neighbour) => void = () => undefined;
  onClosed: (neighbour: Neighbour, error: OmnibusError | undefined) => void = () => undefined;
  readonly #builder: RunBuilder;
  readonly #writer: ByteWriter;
  readonly #reader = new BodyReader();
  readonly #covered: TopicFlags;
  readonly #isStrict: boolean;
  readonly #scopes: readonly [drop: number, wait: number][];
  #runRealm = 3;
  #replayTo: Neighbour | undefined;
  #verdictVersion = 0;

  constructor(options: BusOptions & { readonly clock: Clock; readonly random: Random; readonly realm: Realm }) {
    this.clock = options.clock;
    this.random = options.random;
    this.realm = options.realm;
    this.maxMessageBytes = options.maxMessageBytes ?? 1_048_576;
    this.limits = queueLimits(options.maxQueueBytes ?? 1_048_576);
    this.authority = options.authority ?? openAuthority;
    this.log = options.log;
    this.#isStrict = options.strict ?? false;
    this.#covered = new TopicFlags((topic) => this.log?.covers(topic) ?? false);
    this.hello = {
      versions: [frameVersion, frameVersion],
      nodeId: options.random.bytes(32),
      name: options.name ?? "",
      incarnation: this.clock.wallMs(),
      maxFrameBytes: this.maxMessageBytes + 131_072,
      isIntegrityProtected: false,
      capabilities: 0,
    };
    this.book = new AddressBook({
      oldestTick: () => this.#oldestTick(),
      isPinned: (address) => this.#isPinned(address),
      retired: (addresses) => this.#retired(addresses),
    });
    this.outbox = new Outbox(this.clock);
    this.neighbours = new Neighbours(this);
    this.neighbours.maxInterests = options.maxInterests ?? 10_000;
    this.events = new EventHub(this.clock);
    this.drain = new Drain(this.neighbours);
    this.#writer = new ByteWriter(this.maxMessageBytes, 65_536);
    this.#scopes = (["process", "user", "lan", "global"] as const).map((realm) => [scopeOf(realm, false), scopeOf(realm, true)]);
    this.#builder = new RunBuilder(this.outbox, this.clock, (run) => {
      if (this.#replayTo === undefined) this.neighbours.publish(run, this.#runRealm);
      else this.#replayTo.session.sender.send(run);
    });
  }

  /** The numbered address of a topic. Throws `bad-topic`, `too-many`. */
  topic(name: string): Address {
    const known = this.book.find("topic", name);
    if (known !== undefined) return known;
    checkTopic(name);
    return this.book.get("topic", name);
  }

  /** Publishes a value. Returns false if its publisher should wait before more. */
  publish(name: string, value: unknown, options?: PublishOptions): boolean {
    this.checkOpen();
    const address = this.topic(name);
    const receivers = this.subscribers.of(address);
    const targets = this.neighbours.router.targets(address);
    const isCovered = this.log !== undefined && this.#covered.of(address, this.log.version);
    let given = value;
    if (targets.faces.length > 0 || this.#isStrict) {
      const payload = this.#encode(value);
      if (this.#isStrict) given = freezeDeep(decodeValue(payload.format, payload.bytes.slice(payload.start, payload.end), 0, payload.end - payload.start));
      if (targets.faces.length > 0) this.#send(address, payload, options, undefined);
    }
    this.stats.published++;
    if (receivers.length > 0 || isCovered) {
      const message = new LocalMessage({ topic: name, value: given, timeMs: this.clock.wallMs(), id: options?.id, qos: 0 });
      this.#deliver(receivers, message, isCovered);
    }
    return this.#mayGoOn(address, targets, receivers);
  }

  /** Publishes a payload that is already encoded. */
  publishRaw(name: string, payload: RawPayload, options: RawPublishOptions = {}): boolean {
    this.checkOpen();
    const address = this.topic(name);
    const receivers = this.subscribers.of(address);
    const targets = this.neighbours.router.targets(address);
    const isCovered = this.log !== undefined && this.#covered.of(address, this.log.version);
    const format = formatNames.indexOf(payload.format) as ValueFormat;
    const timeMs = options.timeMs ?? this.clock.wallMs();
    const qos = options.qos ?? 0;
    if (targets.faces.length > 0) {
      const bytes = "bytes" in payload ? payload.bytes : encoder.encode(payload.text);
      const fields: RecordFields = {
        id: options.id === undefined ? undefined : encoder.encode(options.id),
        timeMs: options.timeMs,
        isAcknowledged: qos === 1,
      };
      this.#checkSize(bytes.length);
      this.#send(address, { format, bytes, start: 0, end: bytes.length }, options, fields);
    }
    this.stats.published++;
    if (receivers.length > 0 || isCovered) {
      const about = { topic: name, timeMs, id: options.id, qos };
      const message = new LocalMessage("bytes" in payload ? { ...about, payload: { format, bytes: payload.bytes } } : { ...about, text: payload.text });
      this.#deliver(receivers, message, isCovered);
    }
    return this.#mayGoOn(address, targets, receivers);
  }

  #encode(value: unknown): Outgoing {
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
    if (bytes > this.maxMessageBytes) {
      throw new OmnibusError("too-big", `a message of ${bytes} bytes; at most ${this.maxMessageBytes} are allowed`);
    }
  }

  #send(address: Address, payload: Outgoing, options: RawPublishOptions | PublishOptions | undefined, fields: RecordFields | undefined): void {
    const realm = realmNumber(options?.realm ?? this.realm);
    if (realm !== this.#runRealm) {
      this.#builder.close();
      this.#runRealm = realm;
    }
    const scopes = this.#scopes[realm] as [number, number];
    const given = fields ?? (options?.id === undefined ? undefined : { id: encoder.encode(options.id) });
    this.#builder.add(address, options?.congestion === "wait" ? scopes[1] : scopes[0], payload, given);
  }

  #deliver(receivers: readonly RunningSubscription[], message: LocalMessage, isCovered: boolean): void {
    if (isCovered) this.log?.append(message);
    this.stats.delivered += receivers.length;
    this.subscribers.dispatch(receivers, message, here);
  }

  #mayGoOn(address: Address, targets: Targets<Neighbour>, receivers: readonly RunningSubscription[]): boolean {
    let mayGoOn = true;
    for (let n = 0; n < targets.faces.length; n++) {
      const neighbour = targets.faces[n] as Neighbour;
      if (neighbour.session.sender.isHigh(address)) {
        this.drain.waitFor(neighbour, address);
        mayGoOn = false;
      }
    }
    for (let n = 0; n < receivers.length; n++) {
      const receiver = receivers[n] as RunningSubscription;
      if (receiver.isHigh) {
        this.drain.waitForSubscription(receiver);
        mayGoOn = false;
      }
    }
    return mayGoOn;
  }

  checkOpen(): void {
    if (this.isClosed) throw new OmnibusError("closed", "the bus is closed");
  }

  // What neighbours ask for.

  async authenticate(credentials: SessionCredentials, from: string): Promise<Principal> {
    const given = credentials.kind === "anonymous" ? ({ kind: "anonymous", protocol: "native" } as const) : credentials;
    return await this.authority.authenticate(given, from);
  }

  mayPublish(principal: Principal, topic: string): boolean {
    return this.authority.may(principal, "publish", topic);
  }

  maySubscribe(principal: Principal, pattern: string): boolean {
    return this.authority.may(principal, "subscribe", pattern);
  }

  get authorityVersion(): number {
    return this.authority.version;
  }

  /** A message from history as it can be queued. */
  asQueueable(message: Message): QueueableMessage {
    if ("withMissed" in message) return message as QueueableMessage;
    const { topic, timeMs, id, qos, bytes, format } = message;
    const payload = { format: formatNames.indexOf(format) as ValueFormat, bytes };
    return new LocalMessage({ topic, timeMs, id, qos, payload, isReplay: true });
  }

  /** Tells the tables when permissions have changed. To be called now and then. */
  checkVerdicts(): void {
    if (this.#verdictVersion === this.authority.version) return;
    this.#verdictVersion = this.authority.version;
    this.subscribers.version++;
    this.neighbours.router.version++;
  }

  opened(neighbour: Neighbour): void {
    const { session } = neighbour;
    this.stats.sessions++;
    if (session.isDialer) {
      for (const subscription of this.subscribers.all()) this.state(neighbour, subscription, true);
    }
    this.onOpened(neighbour);
    this.events.tell("connected", { remote: session.link.remote, principal: session.welcome?.principal ?? "" });
  }

  /** Tells a neighbour of a subscription, or of its end. */
  state(neighbour: Neighbour, subscription: RunningSubscription, isAdded: boolean): void {
    if (subscription.realmNumber < neighbour.realmNumber) return;
    const { pattern, realm, replay } = subscription;
    neighbour.session.sendInterest({ isAdded, pattern, realm, replay: isAdded && subscription.isCatchingUp ? replay : 0 });
  }

  closed(neighbour: Neighbour, error: OmnibusError | undefined): void {
    if (neighbour.session.welcome !== undefined) this.stats.sessions--;
    this.onClosed(neighbour, error);
    this.events.tell("disconnected", { remote: neighbour.session.link.remote, error });
  }

  arrived(neighbour: Neighbour, address: Address, header: RunHeader): void {
    const receivers = this.subscribers.of(address);
    const isCovered = this.log !== undefined && this.#covered.of(address, this.log.version);
    if (receivers.length === 0 && !isCovered) return;
    const { bytes, bodyStart, bodyEnd } = header;
    const isReplay = (header.more & moreFlag.replay) !== 0;
    if (!isBodyIntact(bytes, bodyStart, bodyEnd)) {
      this.#malformed(new OmnibusError("bad-run", `a run for ${address.name} from ${neighbour.session.link.remote} is damaged`));
      return;
    }
    const body = bytes.slice(bodyStart, bodyEnd);
    const reader = this.#reader;
    const from = { realmNumber: neighbour.realmNumber, isElsewhere: true };
    const list = isReplay ? receivers.filter((one) => one.isCatchingUp) : receivers.filter((one) => !one.isCatchingUp);
    try {
      reader.open(body, 0, body.length);
      while (reader.next()) {
        const hasId = (reader.recordFlags & recordFlag.id) !== 0;
        const id = hasId ? decoder.decode(body.subarray(reader.idStart, reader.idEnd)) : undefined;
        const message = new ReceivedMessage(address.name, body, reader, hasId || isReplay ? { id, missed: 0, isReplay } : plainLive);
        this.stats.received++;
        this.stats.delivered += list.length;
        if (isCovered && !isReplay) this.log?.append(message);
        this.subscribers.dispatch(list, message, from);
      }
    } catch (error) {
      this.#malformed(asOmnibusError(error));
    }
  }

  #malformed(error: OmnibusError): void {
    this.stats.malformed++;
    this.events.tell("error", error);
  }

  replay(neighbour: Neighbour, statement: InterestStatement): void {
    const { log } = this;
    const { principal } = neighbour;
    if (log === undefined) return;
    this.#builder.close();
    this.#replayTo = neighbour;
    this.#builder.more = moreFlag.replay;
    for (const message of log.last(statement.pattern, Math.min(statement.replay, 10_000))) {
      if (principal !== undefined && !this.maySubscribe(principal, message.topic)) continue;
      const { bytes, id, timeMs, qos } = message;
      const format = formatNames.indexOf(message.format) as ValueFormat;
      const fields = { id: id === undefined ? undefined : encoder.encode(id), timeMs, isAcknowledged: qos === 1 };
      this.#builder.add(this.topic(message.topic), scopeOf("global", true), { format, bytes, start: 0, end: bytes.length }, fields);
    }
    this.#builder.close();
    this.#builder.more = 0;
    this.#replayTo = undefined;
  }

  denied(neighbour: Neighbour, topic: string, messages: number): void {
    this.stats.denied += messages;
    neighbour.refusals ??= this.events.throttle((name) => {
      const who = neighbour.principal?.name ?? "";
      neighbour.session.sendRefusal({ verb: "publish", name, error: new OmnibusError("denied", `${who} may not publish to ${name}`) });
    });
    neighbour.refusals.add(topic, messages);
  }

  refused(_neighbour: Neighbour, refusal: Refusal): void {
    if (refusal.verb === "publish") {
      this.events.tell("error", refusal.error);
      return;
    }
    for (const subscription of this.subscribers.all()) {
      if (subscription.pattern === refusal.name) subscription.fail(refusal.error);
    }
  }

  dropped(address: Address, messages: number): void {
    this.stats.dropped += messages;
    this.events.overflow.add(address.name, messages);
  }

  missed(address: Address, count: number): void {
    this.stats.missed += count;
    for (const subscription of this.subscribers.of(address)) subscription.noteMissed(count);
  }

  relieved(): void {
    this.drain.check();
  }

  #oldestTick(): number {
    let oldest = this.outbox.tick;
    for (const { session } of this.neighbours.all) oldest = Math.min(oldest, session.sender.queue.sinceTick);
    return oldest;
  }

  #isPinned(address: Address): boolean {
    if (address.kind !== "node") return false;
    for (const neighbour of this.neighbours.all) if (neighbour.source === address) return true;
    return false;
  }

  #retired(addresses: readonly Address[]): void {
    this.neighbours.forgetNumbers(addresses);
    this.subscribers.forgetNumbers(addresses);
    this.#covered.forgetNumbers(addresses);
  }

  /** An error of the given code in the words of the bus, for the background. */
  fail(code: ErrorCode, text: string, cause?: unknown): void {
    this.events.tell("error", new OmnibusError(code, text, { cause }));
  }
}
