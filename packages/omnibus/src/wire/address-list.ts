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

  clear(): void {
    this.length = 0;
  }
}

/** From `start` on, the end of the records in a row that go to the same address. */
export function endOfGroup(list: AddressList, start: number): number {
  const address = list.at(start);
  let end = start + 1;
  while (end < list.length && list.at(end) === address) end++;
  return end;
}

/** Whether one of them has lost its number. */
export function hasRetired(list: AddressList): boolean {
  for (let n = 0; n < list.length; n++) if (list.at(n).isRetired) return true;
  return false;
}

/** A run of flush `tick` names them: they keep their numbers until it is gone. */
export function markUsed(list: AddressList, tick: number): void {
  for (let n = 0; n < list.length; n++) list.at(n).lastUsedTick = tick;
}
