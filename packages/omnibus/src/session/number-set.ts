import type { RetiredNumbers } from "./retired-numbers.ts";

/**
 * Numbers of addresses, such as those that a neighbour has been told: one bit each, memory only as far as
 * needed.
 */
export class NumberSet {
  #words: Uint32Array = new Uint32Array(1);

  has(number: number): boolean {
    const word = this.#words[number >>> 5];
    return word !== undefined && (word & (1 << (number & 31))) !== 0;
  }

  add(number: number): void {
    const at = number >>> 5;
    if (at >= this.#words.length) {
      const words = new Uint32Array(Math.max(at + 1, this.#words.length * 2));
      words.set(this.#words);
      this.#words = words;
    }
    this.#words[at] = (this.#words[at] as number) | (1 << (number & 31));
  }

  /** The numbers are given to other addresses: nothing that is known of the old ones holds. */
  deleteAll({ places, masks }: RetiredNumbers): void {
    const words = this.#words;
    for (let n = 0; n < places.length; n++) {
      const at = places[n] as number;
      // They ascend.
      if (at >= words.length) return;
      words[at] = (words[at] as number) & ~(masks[n] as number);
    }
  }

  clear(): void {
    this.#words = new Uint32Array(1);
  }
}
