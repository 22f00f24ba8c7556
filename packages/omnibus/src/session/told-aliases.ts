/** Which numbers of addresses a neighbour has been told: one bit each, memory only as far as needed. */
export class ToldAliases {
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

  /** The number is given to another address: the neighbour must be told again. */
  delete(number: number): void {
    const at = number >>> 5;
    if (at < this.#words.length)
      this.#words[at] = (this.#words[at] as number) & ~(1 << (number & 31));
  }
}
