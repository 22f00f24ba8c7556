import { joinBytes, toHex } from "../base/index.ts";
import { CborCursor, halfOf, indefinite } from "./cbor-cursor.ts";
import { KeyCache } from "./key-cache.ts";
import { maxBigintBytes, maxValueDepth } from "./value-kind.ts";

/** Major types: the upper three bits of a value's first byte (RFC 8949, 3.1). */
const bytesMajor = 2;
const textMajor = 3;
const arrayMajor = 4;
const mapMajor = 5;
const simpleMajor = 7;

/** Names of fields repeat from message to message: found here, they need not be made again. */
const keys = new KeyCache();

/**
 * The value that `bytes[start, end)` is the CBOR of (RFC 8949): what `encodeCbor` writes, and other forms
 * of the same: lengths that are longer than need be or indefinite, floats of any width. Integers beyond
 * 2^53 become bigints. Byte strings are copied. Of equal keys in a map the last one counts, in the place
 * of the first; `__proto__` becomes an own field.
 *
 * Throws `bad-value` with the offset from `start` for anything else: bytes after the value, other tags and
 * simple values, maps outside tag 259 with keys that are not text, more than 64 levels, invalid UTF-8,
 * lengths beyond the end. What is allocated is at most proportional to the bytes given.
 */
export function decodeCbor(bytes: Uint8Array, start: number, end: number): unknown {
  const from = new CborCursor(bytes, start, end);
  const value = readValue(from, 0);
  if (from.at < end) from.fail("bytes after the end of the value");
  return value;
}

function readValue(from: CborCursor, depth: number): unknown {
  const first = from.byte();
  switch (first >> 5) {
    case 0:
      return from.integer(first);
    case 1:
      return from.negative(first);
    case bytesMajor:
      return readBytes(from, first);
    case textMajor:
      return readText(from, first);
    case arrayMajor:
      return readArray(from, first, depth);
    case mapMajor:
      return readFields(from, first, depth);
    case simpleMajor:
      return readSimple(from, first);
    default:
      return readTagged(from, first, depth);
  }
}

function readBytes(from: CborCursor, first: number): Uint8Array {
  const length = from.length(first);
  if (length !== indefinite) return from.copy(length);
  const chunks: Uint8Array[] = [];
  while (!from.isBreak()) chunks.push(from.copy(chunkLength(from, bytesMajor)));
  return joinBytes(chunks);
}

/** Chunks must be definite strings of the same kind (RFC 8949, 3.2.3). */
function chunkLength(from: CborCursor, kind: number): number {
  const first = from.byte();
  if (first >> 5 !== kind || (first & 31) === 31)
    from.fail("a chunk of another kind than its string", from.at - 1);
  return from.length(first);
}

function readText(from: CborCursor, first: number): string {
  const length = from.length(first);
  if (length !== indefinite) return from.characters(length);
  const chunks: string[] = [];
  while (!from.isBreak()) chunks.push(from.characters(chunkLength(from, textMajor)));
  return chunks.join("");
}

function readKey(from: CborCursor): string {
  const first = from.byte();
  if (first >> 5 !== textMajor)
    from.fail("a key that is not text in a map without tag 259", from.at - 1);
  const length = first & 31;
  if (length >= 24 || length > from.end - from.at) return readText(from, first);
  const key = keys.find(from.bytes, from.at, length);
  if (key !== undefined) {
    from.at += length;
    return key;
  }
  return keys.keep(from.characters(length), length);
}

function enter(from: CborCursor, depth: number): number {
  if (depth === maxValueDepth) from.fail(`more than ${maxValueDepth} levels`);
  return depth + 1;
}

function readArray(from: CborCursor, first: number, depth: number): unknown[] {
  const inside = enter(from, depth);
  const count = from.length(first);
  const items: unknown[] = [];
  for (let n = 0; count === indefinite ? !from.isBreak() : n < count; n++)
    items.push(readValue(from, inside));
  return items;
}

function readFields(from: CborCursor, first: number, depth: number): Record<string, unknown> {
  const inside = enter(from, depth);
  const count = from.length(first, 2);
  const fields: Record<string, unknown> = {};
  for (let n = 0; count === indefinite ? !from.isBreak() : n < count; n++) {
    const key = readKey(from);
    const value = readValue(from, inside);
    if (key === "__proto__") defineField(fields, key, value);
    else fields[key] = value;
  }
  return fields;
}

function readMap(from: CborCursor, first: number, depth: number): Map<unknown, unknown> {
  const inside = enter(from, depth);
  const count = from.length(first, 2);
  const entries = new Map<unknown, unknown>();
  for (let n = 0; count === indefinite ? !from.isBreak() : n < count; n++) {
    const key = readValue(from, inside);
    entries.set(key, readValue(from, inside));
  }
  return entries;
}

function readSimple(from: CborCursor, first: number): unknown {
  switch (first) {
    case 0xf4:
      return false;
    case 0xf5:
      return true;
    case 0xf6:
      return null;
    case 0xf7:
      return undefined;
    case 0xf9:
      return halfOf(from.argument(first));
    case 0xfa:
      return from.read(4).getFloat32(0);
    case 0xfb:
      return from.read(8).getFloat64(0);
    default:
      return from.meaningless(first);
  }
}

/** What is tagged is never tagged itself, so tags cannot nest. */
function readTagged(from: CborCursor, first: number, depth: number): unknown {
  const tagAt = from.at - 1;
  const tag = from.argument(first);
  const inner = from.byte();
  const kind = inner >> 5;
  if (tag === 258 && kind === arrayMajor) return new Set(readArray(from, inner, depth));
  if (tag === 259 && kind === mapMajor) return readMap(from, inner, depth);
  if ((tag === 2 || tag === 3) && kind === bytesMajor) return readBigint(from, inner, tag === 3);
  if (tag === 1 && (kind < 2 || (inner >= 0xf9 && inner <= 0xfb))) {
    from.at--;
    return dateOf(from, Number(readValue(from, depth)) * 1000);
  }
  if (tag === 1001 && kind === mapMajor) return readExtendedDate(from, inner);
  return from.fail(`tag ${tag}, which is unknown or not allowed before what follows`, tagAt);
}

function readBigint(from: CborCursor, first: number, isNegative: boolean): bigint {
  const bytes = readBytes(from, first);
  if (bytes.length > maxBigintBytes) from.fail(`a bigint of more than ${maxBigintBytes} bytes`);
  const magnitude = BigInt(`0x0${toHex(bytes)}`);
  return isNegative ? -1n - magnitude : magnitude;
}

function dateOf(from: CborCursor, ms: number): Date {
  const date = new Date(Math.round(ms));
  if (Number.isNaN(date.getTime())) from.fail("a date that is out of range");
  return date;
}

/** `{1: seconds, -3: milliseconds}` of integers (RFC 9581, 3), all that is read of tag 1001. */
function readExtendedDate(from: CborCursor, first: number): Date {
  const refuse = (): never => from.fail("a date of tag 1001 other than {1: s, -3: ms} of integers");
  const readField = (key: number): number => {
    if (from.byte() !== key) refuse();
    const head = from.byte();
    if (head >> 5 > 1) refuse();
    return Number(head >> 5 === 0 ? from.integer(head) : from.negative(head));
  };
  if (from.length(first, 2) !== 2) refuse();
  return dateOf(from, readField(0x01) * 1000 + readField(0x22));
}

function defineField(fields: object, key: string, value: unknown): void {
  Object.defineProperty(fields, key, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
