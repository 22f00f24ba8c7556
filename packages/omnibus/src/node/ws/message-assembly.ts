import { applyMask, rotateKey } from "./mask.ts";

const firstBytes = 4096;

/**
 * The bytes of a message that did not come in one piece. Memory grows with what has come, not with
 * what a header claims.
 */
export class MessageAssembly {
  #bytes: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /**
   * Adds `from[start, end)`. `announced` more bytes, these included, are to come as far as is known:
   * no more memory than for them is taken.
   */
  add(from: Buffer, start: number, end: number, announced: number): void {
    const length = this.#length + end - start;
    if (length > this.#bytes.length) this.#grow(length, this.#length + announced);
    from.copy(this.#bytes, this.#length, start, end);
    this.#length = length;
  }

  /** Unmasks the last `count` bytes; `offset` says where in their frame's payload they begin. */
  unmaskLast(count: number, key: number, offset: number): void {
    applyMask(this.#bytes, this.#length - count, this.#length, rotateKey(key, offset));
  }

  /** All bytes so far, not copied. */
  taken(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(needed: number, announced: number): void {
    const bytes = Math.min(Math.max(needed * 2, firstBytes), Math.max(announced, needed));
    const larger = Buffer.allocUnsafeSlow(bytes);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
