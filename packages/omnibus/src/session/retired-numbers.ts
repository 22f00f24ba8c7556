import type { Address } from "../wire/index.ts";

/**
 * Addresses whose numbers are about to be given to others. Thousands of them leave at once and thousands of
 * sessions are told: made once for all, so that each clears its bits by words.
 */
export class RetiredNumbers {
  readonly addresses: readonly Address[];
  /** Words of a `NumberSet` in which some of the numbers are, ascending. */
  readonly places: Uint16Array;
  /** The bits of the numbers in each of those words. */
  readonly masks: Uint32Array;
  readonly #byNumber: ReadonlyMap<number, Address>;

  constructor(addresses: readonly Address[]) {
    this.addresses = addresses;
    this.#byNumber = new Map(addresses.map((address) => [address.number, address]));
    const places = new Set(addresses.map(({ number }) => number >>> 5));
    this.places = Uint16Array.from(places).sort();
    this.masks = new Uint32Array(this.places.length);
    const indexOf = new Map([...this.places].map((place, n) => [place, n]));
    for (const { number } of addresses) {
      const n = indexOf.get(number >>> 5) as number;
      this.masks[n] = (this.masks[n] as number) | (1 << (number & 31));
    }
  }

  /** The address that has had the number. */
  addressOf(number: number): Address | undefined {
    return this.#byNumber.get(number);
  }
}
