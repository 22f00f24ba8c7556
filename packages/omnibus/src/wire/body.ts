import { OmnibusError } from "../base/index.ts";
import { ByteReader } from "./byte-reader.ts";
import {
  bodyKnownFlags,
  bodyProducerFlag,
  bodyTimeFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordFieldsMask,
  recordHeadersFlag,
  recordIdFlag,
  recordTimeFlag,
} from "./record-flags.ts";
import { bodyHashBytes, leastRecordBytes, producerIdBytes } from "./sizes.ts";

/**
 * How many records a body says that it has, without looking at them: never more than fit into it, and
 * 1 if it is too short to say.
 */
export function peekRecordCount(bytes: Uint8Array, bodyStart: number, bodyEnd: number): number {
  const most = Math.floor((bodyEnd - bodyStart) / leastRecordBytes);
  let count = 0;
  let shift = 0;
  for (let at = bodyStart + 1; at < bodyEnd && shift < 28; at++, shift += 7) {
    const byte = bytes[at] as number;
    count |= (byte & 0x7f) << shift;
    if (byte < 0x80) return Math.min(count, most);
  }
  return 1;
}

/**
 * Walks over the records of one body after another; its fields describe the record that was read last, which
 * ends at `at`.
 */
export class BodyReader extends ByteReader {
  bodyFlags = 0;
  /** Records that the body says it has. */
  count = 0;
  /** The time of records that carry none of their own; 0 if the body has none either. */
  timeMs = 0;
  /** The producer and time fields of the body, as bytes; `producerOf` reads the former. */
  headStart = 0;
  headEnd = 0;

  recordFlags = 0;
  idStart = 0;
  idEnd = 0;
  recordTimeMs = 0;
  correlation = 0;
  deadlineMs = 0;
  headersStart = 0;
  headersEnd = 0;
  payloadStart = 0;
  payloadEnd = 0;

  #left = 0;

  /**
   * Begins with the body in `bytes[start, end)`, whose CRC was checked. With `listed` it must have so many
   * records: one for each address of its run. Throws `bad-run`.
   */
  open(bytes: Uint8Array, start: number, end: number, listed = 0): void {
    this.bytes = bytes;
    this.at = start + 1;
    this.end = end - bodyHashBytes;
    const flags = bytes[start] as number;
    this.bodyFlags = flags;
    if (flags & ~bodyKnownFlags) throw this.error(`has unknown flags (${flags})`);
    this.count = this.varint();
    if (listed > 0 && this.count !== listed)
      throw this.error(`has ${this.count} records for ${listed} addresses`);
    this.#left = this.count;
    this.headStart = this.at;
    if (flags & bodyProducerFlag) {
      this.at += producerIdBytes;
      this.varint();
      this.varint();
    }
    this.timeMs = flags & bodyTimeFlag ? this.varint() : 0;
    this.headEnd = this.at;
    if (this.at > this.end) throw this.error("ends inside its header");
  }

  /** Goes to the next record; false after the last. Throws `bad-run`. */
  next(): boolean {
    if (this.#left === 0) {
      if (this.at !== this.end) throw this.error("goes on after its last record");
      return false;
    }
    this.#left--;
    const flags = this.bytes[this.at++] as number;
    // Also when the record before had fields and this one has none: they are to be forgotten.
    const fields = (flags | this.recordFlags) & recordFieldsMask;
    this.recordFlags = flags;
    this.recordTimeMs = this.timeMs;
    if (fields !== 0) this.#readFields(flags);
    this.payloadStart = this.#passOver();
    this.payloadEnd = this.at;
    if (this.at > this.end)
      throw this.error(`ends inside a record of ${this.at - this.payloadStart} bytes`);
    return true;
  }

  #readFields(flags: number): void {
    if (flags & recordIdFlag) {
      this.idStart = this.#passOver();
      this.idEnd = this.at;
    }
    if (flags & recordTimeFlag) this.recordTimeMs = this.varint();
    this.correlation = flags & recordCorrelationFlag ? this.varint() : 0;
    this.deadlineMs = flags & recordDeadlineFlag ? this.varint() : 0;
    if (flags & recordHeadersFlag) {
      this.headersStart = this.#passOver();
      this.headersEnd = this.at;
    }
    if (this.at > this.end) throw this.error("ends inside the fields of a record");
  }

  /** Passes over bytes with their length before them; returns where they begin. */
  #passOver(): number {
    const length = this.varint();
    const start = this.at;
    this.at = start + length;
    return start;
  }

  error(what: string): OmnibusError {
    return new OmnibusError("bad-run", `a body ${what}`);
  }
}
