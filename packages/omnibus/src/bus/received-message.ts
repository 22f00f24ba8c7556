import {
  decodeValue,
  formatBytes,
  formatJson,
  formatText,
  recordAcknowledgedFlag,
  recordFormatMask,
  toJsonText,
  type ValueFormat,
} from "../wire/index.ts";
import type { Message, PayloadFormat } from "./message.ts";

/** The names of payload formats in the order of their numbers on the wire. */
export const formatNames: readonly PayloadFormat[] = ["bytes", "text", "json", "cbor"];

/** The number of a format on the wire. */
export function formatNumber(format: PayloadFormat): ValueFormat {
  return formatNames.indexOf(format) as ValueFormat;
}

/** Memory beyond the payload that is not worth a copy. */
const detachedSpareBytes = 256;

const decoder = new TextDecoder();
const nothing = Symbol("not decoded yet");

/** Where a record's payload stands in its body, and what the record says of itself. */
export interface RecordPlace {
  readonly recordFlags: number;
  readonly recordTimeMs: number;
  readonly payloadStart: number;
  readonly payloadEnd: number;
}

/** What a message says of itself besides its payload and time. */
export interface MessageAbout {
  readonly id: string | undefined;
  readonly missed: number;
  readonly isReplay: boolean;
}

/** Of a live message without an id. */
export const plainLive: MessageAbout = { id: undefined, missed: 0, isReplay: false };

/** A message that came as a record: its value is decoded when somebody asks for it. */
export class ReceivedMessage implements Message {
  readonly topic: string;
  readonly timeMs: number;
  readonly id: string | undefined;
  readonly missed: number;
  readonly isReplay: boolean;
  readonly #flags: number;
  #body: Uint8Array;
  #start: number;
  #end: number;
  #value: unknown = nothing;
  #json: string | undefined | typeof nothing = nothing;

  /**
   * `record` stands at a record of `body`, memory that nobody changes any more; or `body` is a copy of
   * just its payload.
   */
  constructor(topic: string, body: Uint8Array, record: RecordPlace, about: MessageAbout) {
    this.topic = topic;
    this.timeMs = record.recordTimeMs;
    this.id = about.id;
    this.missed = about.missed;
    this.isReplay = about.isReplay;
    this.#flags = record.recordFlags;
    this.#body = body;
    const length = record.payloadEnd - record.payloadStart;
    const isPayload = body.length === length;
    this.#start = isPayload ? 0 : record.payloadStart;
    this.#end = this.#start + length;
  }

  get #format(): ValueFormat {
    return (this.#flags & recordFormatMask) as ValueFormat;
  }

  get format(): PayloadFormat {
    return formatNames[this.#format] as PayloadFormat;
  }

  get qos(): 0 | 1 {
    return this.#flags & recordAcknowledgedFlag ? 1 : 0;
  }

  get byteLength(): number {
    return this.#end - this.#start;
  }

  get memory(): unknown {
    return this.#body.buffer;
  }

  /** Moves the payload to memory of its own: what waits for long keeps nothing else in memory. */
  detach(): void {
    if (this.#body.buffer.byteLength <= this.byteLength + detachedSpareBytes) return;
    this.#body = this.#body.slice(this.#start, this.#end);
    this.#start = 0;
    this.#end = this.#body.length;
  }

  get value(): unknown {
    if (this.#value === nothing) {
      const format = this.#format;
      this.#value =
        format === formatBytes
          ? this.bytes
          : decodeValue(format, this.#body, this.#start, this.#end);
    }
    return this.#value;
  }

  get bytes(): Uint8Array {
    return this.byteLength === this.#body.length
      ? this.#body
      : this.#body.subarray(this.#start, this.#end);
  }

  get json(): string | undefined {
    if (this.#json === nothing) this.#json = this.#toJson();
    return this.#json;
  }

  #toJson(): string | undefined {
    const format = this.#format;
    if (format === formatBytes) return undefined;
    try {
      // Text that claims to be JSON is not believed: decoding checks it.
      if (format === formatJson)
        return this.value === undefined ? undefined : decoder.decode(this.bytes);
      return format === formatText ? JSON.stringify(this.value) : toJsonText(this.value);
    } catch {
      return undefined;
    }
  }

  /** The same message for a subscription that missed some before it. */
  withMissed(missed: number): ReceivedMessage {
    const place: RecordPlace = {
      recordFlags: this.#flags,
      recordTimeMs: this.timeMs,
      payloadStart: this.#start,
      payloadEnd: this.#end,
    };
    const { topic, id, isReplay } = this;
    return new ReceivedMessage(topic, this.#body, place, {
      id,
      isReplay,
      missed: this.missed + missed,
    });
  }
}
