import type { Random } from "../base/index.ts";

/**
 * Repeatable randomness: equal seeds give equal sequences, on every machine. The generator is sfc32,
 * its state filled from the seed by splitmix32. Not fit for keys.
 */
export class SeededRandom implements Random {
  /** What a failing test prints. */
  readonly seed: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** `seed`: any integer; its lower 32 bits count. */
  constructor(seed: number) {
    this.seed = seed | 0;
    let state = this.seed;
    const split = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = split();
    this.#b = split();
    this.#c = split();
    for (let warmUp = 0; warmUp < 12; warmUp++) this.next32();
  }

  /** The next 32 bits, 0 to 2^32-1. */
  next32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  next(): number {
    const high = this.next32() >>> 5;
    const low = this.next32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let word = 0;
    for (let at = 0; at < length; at++) {
      if (at % 4 === 0) word = this.next32();
      bytes[at] = word & 255;
      word >>>= 8;
    }
    return bytes;
  }

  /** An integer from 0 (included) to `below` (excluded). */
  integer(below: number): number {
    return Math.floor(this.next() * below);
  }

  /** One of `choices`, each as likely. Throws `RangeError` if there is none. */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError("nothing to pick from");
    return choices[this.integer(choices.length)] as T;
  }
}
