import { checkTopic, OmnibusError, type Realm, realmNumber } from "../base/index.ts";
import {
  type BusStats,
  type Drain,
  formatNumber,
  here,
  LocalMessage,
  type LocalSubscribers,
  type Origin,
  type PublishOptions,
  type RawPayload,
  type RawPublishOptions,
  type RunningSubscription,
} from "../bus/index.ts";
import { scopeOf } from "../session/index.ts";
import { Address, ByteWriter, encodeValue, type ValueFormat } from "../wire/index.ts";
import type { LeafSession } from "./leaf-session.ts";
import { RunGatherer } from "./run-gatherer.ts";

/** Topics that this keeps in mind; when there are more it begins anew. */
const maxTopics = 4096;
const encoder = new TextEncoder();

interface Payload {
  readonly format: ValueFormat;
  readonly bytes: Uint8Array;
}

/** What publishing needs of the bus. */
export interface PublishingHost {
  readonly realm: Realm;
  readonly stats: BusStats;
  readonly subscribers: LocalSubscribers;
  readonly drain: Drain;
  readonly reach: { of(address: Address): { readonly receivers: readonly RunningSubscription[] } };
  readonly isCutOff: boolean;
  /** The session with the server while it is open. */
  readonly server: { readonly session: LeafSession; readonly origin: Origin } | undefined;
  checkOpen(): void;
  wallMs(): number;
  dropped(topic: string, messages: number, isOversized: boolean): void;
}

/** The way of a message from this process to its own subscribers and to the server. */
export class LeafPublishing {
  readonly #core: PublishingHost;
  readonly #writer: ByteWriter;
  readonly #maxMessageBytes: number;
  readonly #gatherer: RunGatherer;
  readonly #topics = new Map<string, Address>();

  constructor(core: PublishingHost, maxMessageBytes: number) {
    this.#core = core;
    this.#maxMessageBytes = maxMessageBytes;
    this.#writer = new ByteWriter(maxMessageBytes);
    this.#gatherer = new RunGatherer(
      maxMessageBytes,
      () => core.wallMs(),
      (run) => {
        const { server } = core;
        // The connection was lost in the tick in which they were published.
        if (server === undefined) core.dropped(run.topic, run.messages, false);
        else server.session.sender.send(run);
      },
    );
  }

  /** Completes the run that is being gathered. */
  closeRun(): void {
    this.#gatherer.close();
  }

  /** What is known of a topic. Throws `bad-topic`. */
  #topic(name: string): Address {
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
    const core = this.#core;
    core.checkOpen();
    const address = this.#topic(name);
    if (!core.isCutOff) this.#send(name, this.#encode(value), options);
    const about = { topic: name, timeMs: 0, id: options.id, qos: 0 } as const;
    return this.#here(
      address,
      options,
      () => new LocalMessage({ ...about, timeMs: core.wallMs() }, value),
    );
  }

  /** Publishes a payload that is already encoded. */
  raw(name: string, payload: RawPayload, options: RawPublishOptions = {}): boolean {
    const core = this.#core;
    core.checkOpen();
    const address = this.#topic(name);
    const format = formatNumber(payload.format);
    if (!core.isCutOff) {
      const bytes = "bytes" in payload ? payload.bytes : encoder.encode(payload.text);
      this.#send(name, { format, bytes }, options);
    }
    const { id, qos = 0 } = options;
    return this.#here(address, options, () => {
      const about = { topic: name, timeMs: options.timeMs ?? core.wallMs(), id, qos };
      const raw = "bytes" in payload ? { format, bytes: payload.bytes } : payload.text;
      return LocalMessage.ofRaw(about, raw);
    });
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
    if (length > this.#maxMessageBytes) {
      const most = this.#maxMessageBytes;
      throw new OmnibusError(
        "too-big",
        `a message of ${length} bytes; at most ${most} are allowed`,
      );
    }
    const realm = options.realm ?? this.#core.realm;
    const server = this.#serverFor(options);
    if (server === undefined) return;
    const scopeByte = scopeOf(realm, options.congestion === "wait");
    const { id, timeMs, qos } = options;
    this.#gatherer.add(name, scopeByte, payload, {
      id: id === undefined ? undefined : encoder.encode(id),
      timeMs,
      isAcknowledged: qos === 1,
    });
    server.session.sender.schedule();
  }

  /** Gives the message to the subscribers of this process; returns whether its publisher may go on. */
  #here(address: Address, options: RawPublishOptions, message: () => LocalMessage): boolean {
    const core = this.#core;
    const { receivers } = core.reach.of(address);
    core.stats.published++;
    if (receivers.length > 0) {
      core.stats.delivered += receivers.length;
      core.subscribers.dispatch(receivers, message(), here);
    }
    // There is no server: a message that was to go beyond this process is lost, and counted.
    if (core.isCutOff && (options.realm ?? core.realm) !== "process") {
      core.dropped(address.name, 1, false);
      return false;
    }
    return this.#mayGoOn(address, options, receivers);
  }

  /** The session with the server, if it gets messages of that realm. */
  #serverFor({ realm = this.#core.realm }: RawPublishOptions): PublishingHost["server"] {
    const { server } = this.#core;
    return server !== undefined && realmNumber(realm) >= server.origin.realmNumber
      ? server
      : undefined;
  }

  #mayGoOn(
    address: Address,
    options: RawPublishOptions,
    receivers: readonly RunningSubscription[],
  ): boolean {
    const { drain } = this.#core;
    const server = this.#serverFor(options);
    let mayGoOn = true;
    if (server?.session.sender.isHigh(address) === true) {
      drain.waitFor(server, address);
      mayGoOn = false;
    }
    for (const receiver of receivers) {
      if (!receiver.isHigh) continue;
      drain.waitForSubscription(receiver, address.name);
      mayGoOn = false;
    }
    return mayGoOn;
  }
}
