import { OmnibusError } from "../base/index.ts";
import { decodeUtf8 } from "./utf8.ts";

/** A length that is not told beforehand; a break ends the items. */
export const indefinite = -1;
const breakByte = 0xff;
const twoTo32 = 2 ** 32;

const few = new Uint8Array(8);
const fewView: DataView = new DataView(few.buffer);

/**
 * A place in `bytes[start, end)` that moves on as heads (RFC 8949, 3), numbers and strings are read.
 * Never reads beyond the end. All that is wrong throws `bad-value` with the offset from `start`.
 */
export class CborCursor {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  at: number;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.at = start;
  }

  byte(): number {
    if (this.at >= this.end) this.fail("the value ends too early");
    return this.bytes[this.at++] as number;
  }

  /** The integer in `first` and the bytes after it, rounded if over 2^53. */
  argument(first: number): number {
    const info = first & 31;
    if (info < 24) return info;
    if (info === 24) return this.byte();
    if (info === 25) return this.byte() * 0x100 + this.byte();
    if (info === 26) return this.u32();
    if (info === 27) return this.u32() * twoTo32 + this.u32();
    return this.meaningless(first);
  }

  u32(): number {
    return this.read(4).getUint32(0);
  }

  /** The next `length` (at most 8) bytes, good until the next call. A view of their own would cost more. */
  read(length: number): DataView {
    const at = this.at;
    if (this.end - at < length) this.fail("the value ends too early");
    for (let index = 0; index < length; index++) few[index] = this.bytes[at + index] as number;
    this.at = at + length;
    return fewView;
  }

  integer(first: number): number | bigint {
    const value = this.argument(first);
    return value <= Number.MAX_SAFE_INTEGER ? value : this.wide();
  }

  negative(first: number): number | bigint {
    const value = this.argument(first);
    if (value < Number.MAX_SAFE_INTEGER) return -1 - value;
    return -1n - this.wide();
  }

  /** The integer of 64 bits that was just read, unrounded. */
  wide(): bigint {
    this.at -= 8;
    return this.read(8).getBigUint64(0);
  }

  /** A length in `unit`s of at least one byte each, or `indefinite`. Refuses what cannot fit. */
  length(first: number, unit = 1): number {
    if ((first & 31) === 31) return indefinite;
    const length = this.argument(first);
    if (length * unit > this.end - this.at) this.fail(`a length of ${length} beyond the end`);
    return length;
  }

  isBreak(): boolean {
    if (this.at < this.end && this.bytes[this.at] !== breakByte) return false;
    this.byte();
    return true;
  }

  /** Not `slice`, which for a `Buffer` would copy nothing. */
  copy(length: number): Uint8Array {
    const start = this.at;
    this.at = start + length;
    return new Uint8Array(this.bytes.subarray(start, start + length));
  }

  characters(length: number): string {
    const start = this.at;
    const text = decodeUtf8(this.bytes, start, start + length);
    if (text === undefined) return this.fail("text that is not UTF-8");
    this.at = start + length;
    return text;
  }

  /** `first` was just read. */
  meaningless(first: number): never {
    return this.fail(`an initial byte 0x${first.toString(16)} that has no meaning`, this.at - 1);
  }

  fail(what: string, at: number = this.at): never {
    throw new OmnibusError("bad-value", `CBOR at byte ${at - this.start}: ${what}`);
  }
}

/** The number with these 16 bits (RFC 8949, appendix D). */
export function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const mantissa = bits & 0x3ff;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}
