import type { Address } from "../wire/index.ts";

/**
 * Guesses the address of a name without looking it up: a program publishes to the topic it published to
 * last, or to its topics in turn. Each address remembers the one that came after it.
 */
export class AddressGuess {
  #last: Address | undefined;

  /** The address of that name, if the guess is right. */
  guess(name: string): Address | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    if (last.name === name && !last.isRetired) return last;
    const { next } = last;
    if (next === undefined || next.name !== name || next.isRetired) return undefined;
    this.#last = next;
    return next;
  }

  /** What the last guess should have been. */
  learn(address: Address): void {
    // One that is retired is let go of by everybody, and must not hold on to others.
    if (this.#last !== undefined && !this.#last.isRetired) this.#last.next = address;
    this.#last = address;
  }
}
