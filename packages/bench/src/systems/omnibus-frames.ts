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

/**
 * Cuts a stream into frames and hands out the bodies of message runs; skips all other runs. Only a frame
 * that came in several reads is copied, to memory that is used again.
 */
export class FrameWalker {
  readonly #onBody: OnBody;
  /** The start of a frame that has not come whole. */
  #rest: Uint8Array = new Uint8Array(128 * 1024);
  #restBytes = 0;
  #at = 0;

  constructor(onBody: OnBody) {
    this.#onBody = onBody;
  }

  /** Takes the next bytes. Throws an Error for bytes that are no frames. */
  push(chunk: Uint8Array): void {
    let at = this.#restBytes === 0 ? 0 : this.#completeRest(chunk);
    while (at < chunk.length) {
      const end = this.#head(chunk, at, chunk.length);
      if (end === undefined || end > chunk.length) break;
      this.#runs(chunk, end);
      at = end;
    }
    if (at < chunk.length) this.#keep(chunk, at, chunk.length);
  }

  /** Adds to the rest what belongs to its frame, and no more; gives how many bytes of the chunk that was. */
  #completeRest(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length;) {
      const end = this.#head(this.#rest, 0, this.#restBytes);
      const missing = end === undefined ? 1 : end - this.#restBytes;
      const taken = Math.min(missing, chunk.length - at);
      this.#keep(chunk, at, at + taken);
      at += taken;
      if (end !== this.#restBytes) continue;
      this.#restBytes = 0;
      this.#runs(this.#rest, end);
      return at;
    }
    return chunk.length;
  }

  #keep(chunk: Uint8Array, start: number, end: number): void {
    const bytes = this.#restBytes + end - start;
    if (bytes > this.#rest.length) {
      const larger = new Uint8Array(2 * bytes);
      larger.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = larger;
    }
    this.#rest.set(chunk.subarray(start, end), this.#restBytes);
    this.#restBytes = bytes;
  }

  /** Reads version and length of the frame at `start`; gives where it ends, if both are before `limit`. */
  #head(bytes: Uint8Array, start: number, limit: number): number | undefined {
    if (bytes[start] !== VERSION) throw new Error(`frame version ${bytes[start]}`);
    let last = start + 1;
    while (last < limit && (bytes[last] ?? 0) >= 0x80) last += 1;
    if (last >= limit) return undefined;
    this.#at = start + 1;
    const length = this.#varint(bytes);
    return this.#at + length;
  }

  /** Reads the runs of a frame whose head was read last. */
  #runs(bytes: Uint8Array, frameEnd: number): void {
    while (this.#at < frameEnd - HASH_BYTES) this.#run(bytes, frameEnd);
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
