import {
  ByteWriter,
  decodeValue,
  encodeValue,
  formatBytes,
  formatJson,
  toJsonText,
  type ValueFormat,
} from "../wire/index.ts";
import type { PayloadFormat, QueueableMessage } from "./message.ts";
import { formatNames } from "./received-message.ts";

const encoder = new TextEncoder();
/** What a value that was never encoded is taken to need in a queue: it is not looked into. */
const unknownBytes = 64;
const nothing = Symbol("not made yet");

/** What a message that was published in this process says of itself. */
export interface LocalAbout {
  readonly topic: string;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
}

/** An encoded payload. */
export interface EncodedPayload {
  readonly format: ValueFormat;
  readonly bytes: Uint8Array;
}

/** A message published in this process: receivers are given the value itself. */
export class LocalMessage implements QueueableMessage {
  readonly topic: string;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly qos: 0 | 1;
  readonly missed: number = 0;
  readonly isReplay: boolean = false;
  #value: unknown;
  #text: string | undefined = undefined;
  #payload: EncodedPayload | undefined = undefined;
  #json: string | undefined | typeof nothing = nothing;

  constructor(about: LocalAbout, value: unknown) {
    this.topic = about.topic;
    this.timeMs = about.timeMs;
    this.id = about.id;
    this.qos = about.qos;
    this.#value = value;
  }

  /** One whose payload was given encoded, or as JSON text; its value is decoded when somebody asks. */
  static ofRaw(about: LocalAbout, raw: EncodedPayload | string): LocalMessage {
    const message = new LocalMessage(about, nothing);
    if (typeof raw === "string") message.#text = raw;
    else message.#payload = raw;
    return message;
  }

  get value(): unknown {
    if (this.#value === nothing) this.#value = this.#decode();
    return this.#value;
  }

  #decode(): unknown {
    if (this.#text !== undefined) return JSON.parse(this.#text);
    const { format, bytes } = this.#payload as EncodedPayload;
    return format === formatBytes ? bytes : decodeValue(format, bytes, 0, bytes.length);
  }

  /** About what it takes in a queue; values that were never encoded are not looked into. */
  get byteLength(): number {
    if (this.#payload !== undefined) return this.#payload.bytes.length;
    if (this.#text !== undefined) return this.#text.length;
    const value = this.#value;
    if (typeof value === "string") return value.length;
    return value instanceof Uint8Array ? value.length : unknownBytes;
  }

  /** Its payload shares no memory. */
  get memory(): undefined {
    return undefined;
  }

  detach(): void {}

  get format(): PayloadFormat {
    return this.#text === undefined
      ? (formatNames[this.#encoded().format] as PayloadFormat)
      : "json";
  }

  get bytes(): Uint8Array {
    return this.#encoded().bytes;
  }

  #encoded(): EncodedPayload {
    const text = this.#text;
    this.#payload ??=
      text === undefined
        ? encoded(this.#value)
        : { format: formatJson, bytes: encoder.encode(text) };
    return this.#payload;
  }

  get json(): string | undefined {
    if (this.#json === nothing) this.#json = this.#text ?? this.#toJson();
    return this.#json;
  }

  #toJson(): string | undefined {
    try {
      const value = this.value;
      return value instanceof Uint8Array ? undefined : toJsonText(value);
    } catch {
      return undefined;
    }
  }

  /** The same message for a subscription that missed some before it. */
  withMissed(missed: number): LocalMessage {
    return this.#copy({ missed: this.missed + missed });
  }

  /** The same message as it comes out of history. */
  asReplay(): LocalMessage {
    return this.#copy({ isReplay: true });
  }

  #copy(changes: { missed?: number; isReplay?: boolean }): LocalMessage {
    const copy = new LocalMessage(this, this.#value);
    copy.#text = this.#text;
    copy.#payload = this.#payload;
    return Object.assign(copy, { missed: this.missed, isReplay: this.isReplay }, changes);
  }
}

/** What was published to nobody elsewhere has passed no limit. */
const maxEncodedBytes = 1 << 30;

function encoded(value: unknown): EncodedPayload {
  const writer = new ByteWriter(maxEncodedBytes);
  const format = encodeValue(value, writer);
  return { format, bytes: writer.view().slice() };
}
