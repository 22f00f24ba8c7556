import { OmnibusError } from "../base/index.ts";
import { maxVarintBytes } from "./sizes.ts";
import { varintLength, writeVarint } from "./varint.ts";

/** Texts of at most this many UTF-16 units are encoded here; a call into the host costs more. */
const shortText = 32;

/** A buffer larger than this is given up by `reset`. */
const maxKeptBytes = 1 << 20;

const encoder = new TextEncoder();

/**
 * Memory that bytes are written into one after another, and that grows as needed. Made to be used again
 * and again: `reset` forgets what was written and keeps the memory, unless it grew over 1 MiB.
 *
 * `bytes` and `at` are open to code that writes by itself after `ensure`. `bytes` is another array after
 * each growth: never keep it over a call.
 */
export class ByteWriter {
  /** The memory; written are the first `at` bytes. */
  bytes: Uint8Array;
  /** Where the next byte goes. */
  at = 0;
  readonly maxBytes: number;
  readonly #initialBytes: number;
  #view: DataView;

  /** `maxBytes` is the most that may be written between two resets; `initialBytes` is 4,096 by default. */
  constructor(maxBytes: number, initialBytes = 4096) {
    this.maxBytes = maxBytes;
    this.#initialBytes = Math.min(initialBytes, maxBytes);
    this.bytes = new Uint8Array(this.#initialBytes);
    this.#view = viewOf(this.bytes);
  }

  /** Makes room for `extra` bytes after `at`. Throws `too-big` if that is over `maxBytes`. */
  ensure(extra: number): void {
    if (this.at + extra > this.bytes.length) this.#grow(this.at + extra);
  }

  u8(value: number): void {
    this.ensure(1);
    this.bytes[this.at++] = value;
  }

  /** An unsigned integer up to 2^53 - 1 as LEB128, in as few bytes as it takes. */
  varint(value: number): void {
    if (this.at + maxVarintBytes > this.bytes.length) this.ensure(varintLength(value));
    this.at = writeVarint(this.bytes, this.at, value);
  }

  /** A float of 64 bits, big-endian. */
  f64(value: number): void {
    this.ensure(8);
    this.#view.setFloat64(this.at, value);
    this.at += 8;
  }

  /** A float of 32 bits, big-endian. */
  f32(value: number): void {
    this.ensure(4);
    this.#view.setFloat32(this.at, value);
    this.at += 4;
  }

  /** An unsigned integer of 32 bits, big-endian. */
  u32(value: number): void {
    this.ensure(4);
    this.#view.setUint32(this.at, value);
    this.at += 4;
  }

  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    this.bytes.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** Text as UTF-8, without its length; returns how many bytes it took. Lone surrogates become U+FFFD. */
  utf8(text: string): number {
    const start = this.at;
    if (text.length <= shortText && start + text.length * 3 <= this.bytes.length) {
      this.at = writeShortText(this.bytes, start, text);
    } else {
      this.#longText(text);
    }
    return this.at - start;
  }

  /** Forgets what was written. Views of it that were handed out are overwritten by what comes next. */
  reset(): void {
    this.at = 0;
    if (this.bytes.length <= maxKeptBytes || this.bytes.length === this.#initialBytes) return;
    this.bytes = new Uint8Array(this.#initialBytes);
    this.#view = viewOf(this.bytes);
  }

  /** What was written, not copied: good until the next `reset`. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }

  #longText(text: string): void {
    this.ensure(text.length);
    const { read, written } = encoder.encodeInto(text, this.bytes.subarray(this.at));
    this.at += written;
    if (read < text.length) this.raw(encoder.encode(text.slice(read)));
  }

  #grow(needed: number): void {
    if (needed > this.maxBytes) {
      throw new OmnibusError("too-big", `more than the limit of ${this.maxBytes} bytes`);
    }
    const bytes = new Uint8Array(Math.min(Math.max(needed, this.bytes.length * 2), this.maxBytes));
    bytes.set(this.bytes.subarray(0, this.at));
    this.bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Writes `text`, for which there must be room, as UTF-8 at `at`; returns the offset after it. */
function writeShortText(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) {
    let code = text.charCodeAt(index);
    if (code < 0x80) {
      bytes[at++] = code;
      continue;
    }
    if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      bytes[at++] = 0x80 | (code & 0x3f);
      continue;
    }
    if ((code & 0xf800) === 0xd800) {
      code = text.codePointAt(index) ?? code;
      if (code > 0xffff) {
        index++;
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 0x3f);
        bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
        bytes[at++] = 0x80 | (code & 0x3f);
        continue;
      }
      code = 0xfffd;
    }
    bytes[at++] = 0xe0 | (code >> 12);
    bytes[at++] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at++] = 0x80 | (code & 0x3f);
  }
  return at;
}
