import { decodeCbor, encodeValue, ByteWriter, toJsonText, type ValueFormat } from "../wire/index.ts";
import type { Message, PayloadFormat } from "./message.ts";
import { formatNames } from "./received-message.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const nothing = Symbol("not made yet");

/** What is known of a message that was published in this process. */
export interface LocalContent {
  readonly topic: string;
  /** The value itself, if it was given as a value or has been decoded. */
  value?: unknown;
  /** JSON text, if it was given as text. */
  text?: string;
  /** The encoded payload, if it was given or made. */
  payload?: { readonly format: ValueFormat; readonly bytes: Uint8Array };
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly missed?: number;
  readonly isReplay?: boolean;
}

/** A message published in this process: receivers are given the value itself. */
export class LocalMessage implements Message {
  readonly #content: LocalContent;
  #json: string | undefined | typeof nothing = nothing;
  readonly topic: string;

  constructor(content: LocalContent) {
    this.#content = content;
    this.topic = content.topic;
  }

  get timeMs(): number {
    return this.#content.timeMs;
  }

  get id(): string | undefined {
    return this.#content.id;
  }

  get qos(): 0 | 1 {
    return this.#content.qos;
  }

  get missed(): number {
    return this.#content.missed ?? 0;
  }

  get isReplay(): boolean {
    return this.#content.isReplay ?? false;
  }

  get value(): unknown {
    const content = this.#content;
    if (!("value" in content)) content.value = this.#decode();
    return content.value;
  }

  #decode(): unknown {
    const { text, payload } = this.#content;
    if (text !== undefined) return JSON.parse(text);
    if (payload === undefined) return undefined;
    const { format, bytes } = payload;
    if (format === 0) return bytes;
    if (format === 3) return decodeCbor(bytes, 0, bytes.length);
    const decoded = decoder.decode(bytes);
    return format === 1 ? decoded : JSON.parse(decoded);
  }

  /** About what it takes in a queue; values that were never encoded are not looked into. */
  get byteLength(): number {
    const { text, payload, value } = this.#content;
    if (payload !== undefined) return payload.bytes.length;
    if (text !== undefined) return text.length;
    if (typeof value === "string") return value.length;
    return value instanceof Uint8Array ? value.length : 64;
  }

  get format(): PayloadFormat {
    if (this.#content.text !== undefined) return "json";
    return formatNames[this.#payload().format] as PayloadFormat;
  }

  get bytes(): Uint8Array {
    return this.#payload().bytes;
  }

  #payload(): { readonly format: ValueFormat; readonly bytes: Uint8Array } {
    const content = this.#content;
    content.payload ??= content.text === undefined ? encoded(content.value) : { format: 2, bytes: encoder.encode(content.text) };
    return content.payload;
  }

  get json(): string | undefined {
    if (this.#json === nothing) this.#json = this.#toJson();
    return this.#json;
  }

  #toJson(): string | undefined {
    const { text } = this.#content;
    if (text !== undefined) return text;
    try {
      const value = this.value;
      return value instanceof Uint8Array ? undefined : toJsonText(value);
    } catch {
      return undefined;
    }
  }

  /** The same message for a subscription that missed some before it. */
  withMissed(missed: number): LocalMessage {
    return new LocalMessage({ ...this.#content, missed: this.missed + missed });
  }
}

/** What was published to nobody elsewhere has passed no limit. */
const maxEncodedBytes = 1 << 30;

function encoded(value: unknown): { format: ValueFormat; bytes: Uint8Array } {
  const writer = new ByteWriter(maxEncodedBytes);
  const format = encodeValue(value, writer);
  return { format, bytes: writer.view().slice() };
}
