import type { Clock, Timer } from "../base/index.ts";
import type { LogProvider, Message, PayloadFormat } from "../bus/index.ts";
import { type HistoryRule, MemoryHistory } from "../log/index.ts";
import { decodeValue, toJsonText, type ValueFormat } from "../wire/index.ts";

export interface ServerHistoryOptions {
  readonly clock: Clock;
  /** Topics that are kept whether or not a JSON client uses them; the first rule that matches counts. */
  readonly rules?: readonly HistoryRule[];
  /** Messages kept of a topic that no rule matches. Default: 10. */
  readonly countPerTopic?: number;
  /** Default: 3,600,000. */
  readonly ttlMs?: number;
  /** Default: 10,000. */
  readonly maxTopics?: number;
  /** Bytes in all. Default: 256 MiB. */
  readonly maxBytes?: number;
}

const formats: readonly PayloadFormat[] = ["bytes", "text", "json", "cbor"];
/** What a kept message costs beside its payload, topic and id. */
const overheadBytes = 200;
const sweepMs = 60_000;

/**
 * The history of a server until topics are durable (DESIGN 13.8): one bounded store in memory for the
 * JSON adapter and for `{ replay }` alike. Messages are copied, so that a small one does not keep the
 * memory alive that it arrived in.
 */
export class ServerHistory implements LogProvider {
  readonly #clock: Clock;
  readonly #store: MemoryHistory<KeptMessage>;
  #sweep: Timer;
  /** Messages that could not be kept because they have no encoded form. */
  refused = 0;

  constructor(options: ServerHistoryOptions) {
    this.#clock = options.clock;
    this.#store = new MemoryHistory({ ...options, sizeOf: (message) => message.sizeBytes });
    this.#sweep = this.#sweepLater();
  }

  get version(): number {
    return this.#store.version;
  }

  /** What is kept now, for metrics. */
  get bytes(): number {
    return this.#store.bytes;
  }

  get messages(): number {
    return this.#store.entries;
  }

  get topics(): number {
    return this.#store.topics;
  }

  covers(topic: string): boolean {
    return this.#store.covers(topic);
  }

  /** From now on messages of this topic are kept: a JSON client has used it. */
  cover(topic: string): void {
    this.#store.cover(topic);
  }

  append(message: Message): void {
    try {
      this.#store.append(new KeptMessage(message));
    } catch {
      // Its publisher was told, or it never leaves this process.
      this.refused++;
    }
  }

  last(pattern: string, count: number): Message[] {
    return this.#store.last(pattern, count);
  }

  /** Stops looking for what has expired. */
  close(): void {
    this.#sweep.cancel();
  }

  #sweepLater(): Timer {
    return this.#clock.setTimer(sweepMs, () => {
      this.#store.expire();
      this.#sweep = this.#sweepLater();
    });
  }
}

/** A copy of a message. */
class KeptMessage implements Message {
  readonly topic: string;
  readonly format: PayloadFormat;
  readonly bytes: Uint8Array;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly isReplay = true;
  readonly missed: number;

  constructor(message: Message, missed = 0) {
    this.topic = message.topic;
    this.format = message.format;
    this.bytes = message instanceof KeptMessage ? message.bytes : message.bytes.slice();
    this.timeMs = message.timeMs;
    this.id = message.id;
    this.qos = message.qos;
    this.missed = missed;
  }

  get byteLength(): number {
    return this.bytes.length;
  }

  /** The same message for a subscription that missed some before it. */
  withMissed(missed: number): KeptMessage {
    return new KeptMessage(this, this.missed + missed);
  }

  get sizeBytes(): number {
    return overheadBytes + this.bytes.length + 2 * (this.topic.length + (this.id?.length ?? 0));
  }

  get value(): unknown {
    const format = formats.indexOf(this.format) as ValueFormat;
    return decodeValue(format, this.bytes, 0, this.bytes.length);
  }

  /** JSON text stays as its publisher wrote it, once it has proved to be JSON. */
  get json(): string | undefined {
    if (this.format === "bytes") return undefined;
    try {
      const { value } = this;
      return this.format === "json" ? new TextDecoder().decode(this.bytes) : toJsonText(value);
    } catch {
      return undefined;
    }
  }
}
