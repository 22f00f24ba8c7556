import { crc32 } from "node:zlib";
import { isIntact, sequenceOf } from "../stats/payload.ts";
import { FrameWalker, readVarint } from "./omnibus-frames.ts";
import type { RawReceiver } from "./raw-protocol.ts";

const BODY_HASH_BYTES = 4;
const FLAG_PRODUCER = 0x01;
const FLAG_TIME = 0x02;
/** Flags of a record that mean further fields; the benchmark publishes none with them. */
const RECORD_FIELDS = 0xfc;
/** One body in so many is checked to the last byte. */
const SAMPLE_EVERY = 16;

/**
 * Counts the records of message runs. The sequence number at the start of every run is checked, and of
 * one run in 16 the CRC, every record's number and every byte.
 */
export class OmnibusReceiver implements RawReceiver {
  received = 0;
  readonly #size: number;
  /** The publisher repeats this many payloads. */
  readonly #period: number;
  readonly #walker: FrameWalker = new FrameWalker((bytes, start, end) =>
    this.#body(bytes, start, end),
  );
  #untilSample = 1;
  #fault: string | undefined;

  constructor(size: number, period: number) {
    this.#size = size;
    this.#period = period;
  }

  push(chunk: Uint8Array): void {
    if (this.#fault !== undefined) return;
    try {
      this.#walker.push(chunk);
    } catch (error) {
      this.#fault = error instanceof Error ? error.message : String(error);
    }
  }

  faults(sent: number): string[] {
    const faults: string[] = [];
    if (this.#fault !== undefined) faults.push(this.#fault);
    if (this.received < sent) faults.push(`${sent - this.received} lost`);
    if (this.received > sent) faults.push(`${this.received - sent} unexpected`);
    return faults;
  }

  #body(bytes: Uint8Array, start: number, end: number): void {
    const flags = bytes[start] ?? 0;
    const [count, afterCount] = readVarint(bytes, start + 1);
    if ((flags & FLAG_PRODUCER) !== 0) throw new Error("a producer that nobody asked for");
    let at = (flags & FLAG_TIME) === 0 ? afterCount : readVarint(bytes, afterCount)[1];
    this.#untilSample -= 1;
    const isSample = this.#untilSample === 0;
    if (isSample) {
      this.#untilSample = SAMPLE_EVERY;
      const claimed = Buffer.from(bytes.buffer, bytes.byteOffset + end - BODY_HASH_BYTES, 4);
      const hash = crc32(bytes.subarray(start, end - BODY_HASH_BYTES));
      if (claimed.readUInt32LE() !== hash) throw new Error("a body whose CRC does not match");
    }
    for (let record = 0; record < (isSample ? count : 1); record += 1) {
      at = this.#record(bytes, at, this.received + record);
    }
    if (isSample && at !== end - BODY_HASH_BYTES) throw new Error("a body with bytes left over");
    this.received += count;
  }

  /** Checks the record at `at`, the `index`th of all; gives where it ends. */
  #record(bytes: Uint8Array, at: number, index: number): number {
    if (((bytes[at] ?? 0) & RECORD_FIELDS) !== 0) throw new Error("a record with unknown fields");
    const [length, start] = readVarint(bytes, at + 1);
    const payload = bytes.subarray(start, start + length);
    if (length !== this.#size) throw new Error(`a payload of ${length} bytes at ${index}`);
    if (sequenceOf(payload) !== index % this.#period) {
      throw new Error(`lost or out of order at message ${index}`);
    }
    if (!isIntact(payload, length)) throw new Error(`a corrupted payload at message ${index}`);
    return start + length;
  }
}
