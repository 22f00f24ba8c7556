import type { Address } from "./address.ts";

/**
 * The addresses that the records of a run for several go to, in order. Made to be filled again and again:
 * what it held stays in its memory until then.
 */
export class AddressList {
  /** How many are in it. */
  length = 0;
  readonly #addresses: Address[] = [];

  at(index: number): Address {
    return this.#addresses[index] as Address;
  }

  add(address: Address): void {
    this.#addresses[this.length++] = address;
  }

  /** From `start` on, the end of the records in a row that go to the same address. */
  endOfGroup(start: number): number {
    const address = this.#addresses[start];
    let end = start + 1;
    while (end < this.length && this.#addresses[end] === address) end++;
    return end;
  }

  /** Whether one of them has lost its number. */
  get hasRetired(): boolean {
    for (let n = 0; n < this.length; n++) if (this.at(n).isRetired) return true;
    return false;
  }

  clear(): void {
    this.length = 0;
  }

  /** A run of flush `tick` names them: they keep their numbers until it is gone. */
  markUsed(tick: number): void {
    for (let n = 0; n < this.length; n++) (this.#addresses[n] as Address).lastUsedTick = tick;
  }
}
