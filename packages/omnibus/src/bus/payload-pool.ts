/** Bytes that are allocated at once. */
const chunkBytes = 65_536;
/** Up to here the engine's own small arrays are the cheapest; from half a chunk on, own memory. */
const smallBytes = 64;

/**
 * Copies payloads into memory that many of them share: an array of its own costs several times as much as
 * the copy. A message that is kept for long should `detach` from it.
 */
export class PayloadPool {
  #chunk: Uint8Array = new Uint8Array(0);
  #used = 0;

  /** A copy of `bytes[start, end)`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length <= smallBytes || length > chunkBytes / 2) return bytes.slice(start, end);
    if (this.#used + length > this.#chunk.length) {
      this.#chunk = new Uint8Array(chunkBytes);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += length;
    this.#chunk.set(bytes.subarray(start, end), at);
    return this.#chunk.subarray(at, at + length);
  }
}
