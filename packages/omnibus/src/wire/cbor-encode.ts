import type { ByteWriter } from "./byte-writer.ts";
import { asBadValue } from "./unsendable.ts";
import { checkDepth, checkText, kindOf, maxBigintBytes, timeOf, Unsendable } from "./value-kind.ts";

/** Dates nearer to 1970 than this many milliseconds (35,000 years) are exact as a double of seconds. */
const maxExactSecondsMs = 2 ** 50;

const twoTo32 = 2 ** 32;

/**
 * Appends `value` as CBOR (RFC 8949). Safe integers but -0 become integers, other numbers the smaller
 * one of single and double that is exact (NaN, infinities and -0: half); bigints tag 2 or 3 whatever
 * their size; bytes a byte string; dates tag 1 with seconds, an integer or a double, and beyond 35,000
 * years, where a double of seconds would not be exact to the millisecond, tag 1001 with
 * `{1: seconds, -3: milliseconds}` (RFC 9581); sets tag 258 with an array; maps tag 259 with a map;
 * plain objects a map with text keys, in their own order: own enumerable fields, each read once. Holes
 * in arrays become undefined, and names on an array are left out. One object found twice is written twice.
 *
 * Throws `bad-value`, which names the path of what cannot travel, or the writer's `too-big`; then nothing
 * was appended.
 */
export function encodeCbor(value: unknown, into: ByteWriter): void {
  const start = into.at;
  try {
    putValue(value, into, 0);
  } catch (error) {
    const badValue = asBadValue(error, value, (part, depth) => {
      into.at = start;
      putValue(part, into, depth);
    });
    into.at = start;
    throw badValue;
  }
}

function putValue(value: unknown, into: ByteWriter, depth: number): void {
  switch (typeof value) {
    case "string":
      return putText(value, into);
    case "number":
      return putNumber(value, into);
    case "boolean":
      return into.u8(value ? 0xf5 : 0xf4);
    case "undefined":
      return into.u8(0xf7);
    case "bigint":
      return putBigint(value, into);
    case "object":
      if (value === null) return into.u8(0xf6);
      return putObject(value, into, depth);
    default:
      throw new Unsendable(`a ${typeof value}`);
  }
}

function putObject(value: object, into: ByteWriter, depth: number): void {
  switch (kindOf(value)) {
    case "object":
      return putFields(value as Record<string, unknown>, into, depth);
    case "array":
      return putArray(value as unknown[], into, depth);
    case "bytes":
      putHead(0x40, (value as Uint8Array).length, into);
      return into.raw(value as Uint8Array);
    case "map":
      return putMap(value as Map<unknown, unknown>, into, depth);
    case "set":
      return putSet(value as Set<unknown>, into, depth);
    case "date":
      return putDate(timeOf(value as Date), into);
  }
}

function putFields(fields: Record<string, unknown>, into: ByteWriter, depth: number): void {
  checkDepth(depth);
  const names = Object.keys(fields);
  putHead(0xa0, names.length, into);
  for (const name of names) {
    putText(name, into);
    putValue(fields[name], into, depth + 1);
  }
}

function putArray(items: readonly unknown[], into: ByteWriter, depth: number): void {
  checkDepth(depth);
  const count = items.length;
  into.ensure(count);
  putHead(0x80, count, into);
  for (let index = 0; index < count; index++) putValue(items[index], into, depth + 1);
}

function putSet(items: ReadonlySet<unknown>, into: ByteWriter, depth: number): void {
  checkDepth(depth);
  putHead(0xc0, 258, into);
  putHead(0x80, items.size, into);
  let left = items.size;
  for (const item of items) {
    putValue(item, into, depth + 1);
    left--;
  }
  checkWhole(left);
}

function putMap(entries: ReadonlyMap<unknown, unknown>, into: ByteWriter, depth: number): void {
  checkDepth(depth);
  putHead(0xc0, 259, into);
  putHead(0xa0, entries.size, into);
  let left = entries.size;
  for (const [key, value] of entries) {
    putValue(key, into, depth + 1);
    putValue(value, into, depth + 1);
    left--;
  }
  checkWhole(left);
}

/** Throws `Unsendable` unless as many items came as were announced. */
function checkWhole(left: number): void {
  if (left !== 0) throw new Unsendable("a collection that its own items' getters change");
}

function putDate(ms: number, into: ByteWriter): void {
  if (Math.abs(ms) < maxExactSecondsMs) {
    into.u8(0xc1);
    if (ms % 1000 === 0) return putInteger(ms / 1000, into);
    into.u8(0xfb);
    return into.f64(ms / 1000);
  }
  const seconds = Math.floor(ms / 1000);
  putHead(0xc0, 1001, into);
  into.u8(0xa2);
  into.u8(0x01);
  putInteger(seconds, into);
  into.u8(0x22);
  putInteger(ms - seconds * 1000, into);
}

function putText(text: string, into: ByteWriter): void {
  const { length } = text;
  const headAt = into.at;
  const guessed = headBytes(length);
  into.ensure(guessed);
  into.at += guessed;
  const written = into.utf8(text);
  // Only ASCII takes as many bytes as UTF-16 units.
  if (written !== length) {
    checkText(text);
    const needed = headBytes(written);
    if (needed !== guessed) {
      into.ensure(needed - guessed);
      into.bytes.copyWithin(headAt + needed, headAt + guessed, into.at);
      into.at += needed - guessed;
    }
  }
  const end = into.at;
  into.at = headAt;
  putHead(0x60, written, into);
  into.at = end;
}

function putNumber(value: number, into: ByteWriter): void {
  if (Number.isSafeInteger(value) && (value !== 0 || 1 / value > 0)) return putInteger(value, into);
  if (Number.isNaN(value)) return putHalf(0x7e00, into);
  if (value === 0) return putHalf(0x8000, into);
  if (value === Infinity) return putHalf(0x7c00, into);
  if (value === -Infinity) return putHalf(0xfc00, into);
  if (Math.fround(value) === value) {
    into.u8(0xfa);
    return into.f32(value);
  }
  into.u8(0xfb);
  into.f64(value);
}

function putInteger(value: number, into: ByteWriter): void {
  if (value < 0) putHead(0x20, -1 - value, into);
  else putHead(0, value, into);
}

function putHalf(bits: number, into: ByteWriter): void {
  into.u8(0xf9);
  into.u8(bits >> 8);
  into.u8(bits & 0xff);
}

function putBigint(value: bigint, into: ByteWriter): void {
  into.u8(value < 0n ? 0xc3 : 0xc2);
  const magnitude = value < 0n ? -1n - value : value;
  if (magnitude === 0n) return putHead(0x40, 0, into);
  const digits = magnitude.toString(16);
  const length = (digits.length + 1) >> 1;
  if (length > maxBigintBytes)
    throw new Unsendable(`a bigint of more than ${maxBigintBytes} bytes`);
  putHead(0x40, length, into);
  into.ensure(length);
  let at = into.at + length;
  into.at = at;
  for (let end = digits.length; end > 0; end -= 2) {
    into.bytes[--at] = hexDigit(digits, end - 1) | (end > 1 ? hexDigit(digits, end - 2) << 4 : 0);
  }
}

function hexDigit(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return code < 0x3a ? code - 0x30 : code - 0x57;
}

/** How many bytes a head takes that counts to `count`. */
function headBytes(count: number): number {
  if (count < 24) return 1;
  if (count < 0x100) return 2;
  if (count < 0x10000) return 3;
  return count < twoTo32 ? 5 : 9;
}

/** Writes major type and count in as few bytes as it takes (RFC 8949, 3 and 4.1). */
function putHead(major: number, count: number, into: ByteWriter): void {
  if (into.at + 9 > into.bytes.length) into.ensure(headBytes(count));
  const { bytes } = into;
  if (count < 24) {
    bytes[into.at++] = major | count;
  } else if (count < 0x100) {
    bytes[into.at++] = major | 24;
    bytes[into.at++] = count;
  } else if (count < 0x10000) {
    bytes[into.at++] = major | 25;
    bytes[into.at++] = count >> 8;
    bytes[into.at++] = count;
  } else if (count < twoTo32) {
    bytes[into.at++] = major | 26;
    into.u32(count);
  } else {
    bytes[into.at++] = major | 27;
    into.u32(Math.floor(count / twoTo32));
    into.u32(count % twoTo32);
  }
}
