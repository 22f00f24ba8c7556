import type { Message, PayloadFormat } from "../bus/index.ts";
import { decodeValue, toJsonText, type ValueFormat } from "../wire/index.ts";

const formatNumbers: Readonly<Record<PayloadFormat, ValueFormat>> = {
  bytes: 0,
  text: 1,
  json: 2,
  cbor: 3,
};
/** What an entry costs besides its payload, about. */
const fixedBytes = 200;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A message as the history keeps it: with a payload of its own, so that it holds no memory that was
 * read or sent, and marked as a replay. JSON is kept as the text that all subscribers share.
 */
export class StoredMessage implements Message {
  readonly topic: string;
  readonly format: PayloadFormat;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly isReplay = true;
  readonly missed = 0;
  readonly #payload: string | Uint8Array;
  #decoded: { readonly value: unknown } | undefined = undefined;

  constructor(message: Message) {
    this.topic = message.topic;
    this.format = message.format;
    this.timeMs = message.timeMs;
    this.id = message.id;
    this.qos = message.qos;
    const text = message.format === "json" ? message.json : undefined;
    this.#payload = text ?? message.bytes.slice();
  }

  /** What the history charges for it. */
  get chargedBytes(): number {
    return fixedBytes + this.topic.length + this.#payload.length;
  }

  get bytes(): Uint8Array {
    return typeof this.#payload === "string" ? encoder.encode(this.#payload) : this.#payload;
  }

  get value(): unknown {
    this.#decoded ??= { value: this.#decode() };
    return this.#decoded.value;
  }

  get json(): string | undefined {
    if (typeof this.#payload === "string") return this.#payload;
    if (this.format === "bytes") return undefined;
    if (this.format === "text") return JSON.stringify(decoder.decode(this.#payload));
    return toJsonText(this.value);
  }

  #decode(): unknown {
    if (typeof this.#payload === "string") return JSON.parse(this.#payload) as unknown;
    return decodeValue(formatNumbers[this.format], this.#payload, 0, this.#payload.length);
  }
}
