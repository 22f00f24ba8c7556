import type { Address } from "../wire/index.ts";

/** A question about topics whose answer, yes or no, is kept for each address until a version changes. */
export class TopicFlags {
  readonly #ask: (topic: string) => boolean;
  /** 0 not asked, 1 yes, 2 no. */
  #answers: Uint8Array = new Uint8Array(64);
  #version = -1;

  constructor(ask: (topic: string) => boolean) {
    this.#ask = ask;
  }

  of(address: Address, version: number): boolean {
    const { number } = address;
    if (version !== this.#version) {
      this.#answers.fill(0);
      this.#version = version;
    }
    if (number >= this.#answers.length) {
      const grown = new Uint8Array(Math.max(number + 1, this.#answers.length * 2));
      grown.set(this.#answers);
      this.#answers = grown;
    }
    let answer = this.#answers[number];
    if (answer === 0) {
      answer = this.#ask(address.name) ? 1 : 2;
      this.#answers[number] = answer;
    }
    return answer === 1;
  }

  /** These numbers are about to be given to other addresses. */
  forgetNumbers(addresses: readonly Address[]): void {
    for (const { number } of addresses)
      if (number < this.#answers.length) this.#answers[number] = 0;
  }
}
