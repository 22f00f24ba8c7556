/**
 * Reads frames of our protocol far enough to count messages and check them (protocol/wire.md): written
 * for the benchmark from the protocol's description, so that it does not trust the library's reader.
 */
const VERSION = 0;
const HASH_BYTES = 4;
const TYPE_MASK = 0x0f;
const MESSAGE = 0;
const FLAG_ENTRY = 0x10;
const FLAG_CHOSEN = 0x20;
const FLAG_LOG = 0x40;
const FLAG_MORE = 0x80;
const MORE_SEVERAL = 0x20;

/** Where the body of a message run lies. */
export type OnBody = (bytes: Uint8Array, start: number, end: number) => void;

/** Cuts a stream into frames and hands out the bodies of message runs; skips all other runs. */
export class FrameWalker {
  readonly #onBody: OnBody;
  #rest: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(onBody: OnBody) {
    this.#onBody = onBody;
  }

  /** Takes the next bytes. Throws an Error for bytes that are no frames. */
  push(chunk: Uint8Array): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const next = this.#frame(bytes, at);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = at === bytes.length ? NOTHING : Buffer.from(bytes.subarray(at));
  }

  /** Reads the frame at `at`; gives where it ends, or undefined if it is not whole. */
  #frame(bytes: Uint8Array, at: number): number | undefined {
    if (at >= bytes.length) return undefined;
    if (bytes[at] !== VERSION) throw new Error(`frame version ${bytes[at]}`);
    let end = at + 1;
    while ((bytes[end] ?? 0) >= 0x80) end += 1;
    if (end >= bytes.length) return undefined;
    this.#at = at + 1;
    const length = this.#varint(bytes);
    const frameEnd = this.#at + length;
    if (frameEnd > bytes.length) return undefined;
    while (this.#at < frameEnd - HASH_BYTES) this.#run(bytes, frameEnd);
    return frameEnd;
  }

  #run(bytes: Uint8Array, frameEnd: number): void {
    const first = bytes[this.#at] ?? 0;
    this.#at += 1;
    const isMessage = (first & TYPE_MASK) === MESSAGE;
    if (isMessage) {
      this.#varint(bytes);
      this.#varint(bytes);
      this.#at += 1;
      if ((first & FLAG_ENTRY) !== 0) {
        this.#varint(bytes);
        this.#varint(bytes);
      }
      if ((first & FLAG_CHOSEN) !== 0) this.#varint(bytes);
      if ((first & FLAG_MORE) !== 0) this.#more(bytes);
      if ((first & FLAG_LOG) !== 0) {
        this.#varint(bytes);
        this.#varint(bytes);
      }
    }
    const length = this.#varint(bytes);
    const start = this.#at;
    this.#at += length;
    if (this.#at > frameEnd) throw new Error("a run reaches beyond its frame");
    if (isMessage) this.#onBody(bytes, start, this.#at);
  }

  /** The second flags byte, and the list of a run for several addresses: 2 bytes for each record. */
  #more(bytes: Uint8Array): void {
    const more = bytes[this.#at] ?? 0;
    this.#at += 1;
    if ((more & MORE_SEVERAL) === 0) return;
    const listed = this.#varint(bytes);
    this.#at += 2 * listed;
  }

  #varint(bytes: Uint8Array): number {
    const [value, next] = readVarint(bytes, this.#at);
    this.#at = next;
    return value;
  }
}

const NOTHING = Buffer.alloc(0);

/** A number of 7 bits a byte, the low ones first, and the offset after it. */
export function readVarint(bytes: Uint8Array, start: number): [number, number] {
  let value = 0;
  let factor = 1;
  let at = start;
  for (;;) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * factor;
    at += 1;
    if (byte < 0x80) return [value, at];
    factor *= 128;
  }
}
