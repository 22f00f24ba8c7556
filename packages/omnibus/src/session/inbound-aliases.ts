import { type NameBudget, nameCost, OmnibusError } from "../base/index.ts";
import type { Address, AddressKind, AliasStatement } from "../wire/index.ts";

/** A number so much above those before it does not reserve room for all between. */
const maxRun = 1024;

/** The addresses that a neighbour gave its numbers to. [WIRE-7.3] */
export class InboundAliases {
  readonly #addressOf: (kind: AddressKind, name: string) => Address;
  readonly #addresses: (Address | undefined)[] = [];
  readonly #names: NameBudget;

  /** `addressOf` finds this node's own address of a name; `names` is charged for each that is kept. */
  constructor(addressOf: (kind: AddressKind, name: string) => Address, names: NameBudget) {
    this.#addressOf = addressOf;
    this.#names = names;
  }

  /** A number was given to an address, or to another one than before. Throws `too-many`. */
  learn({ number, kind, name }: AliasStatement): void {
    const addresses = this.#addresses;
    const before = addresses[number];
    if (before !== undefined) this.#names.give(nameCost(before.name));
    this.#names.take(nameCost(name));
    const address = this.#addressOf(kind, name);
    // One alias run with a large number must not cost half a megabyte.
    if (number - addresses.length <= maxRun) {
      while (addresses.length < number) addresses.push(undefined);
    }
    addresses[number] = address;
  }

  /** The address of a number. Throws `unknown-alias`. */
  get(number: number): Address {
    const address = this.#addresses[number];
    return address === undefined || address.isRetired ? this.#again(number, address) : address;
  }

  /** Checks that a number was given. Throws `unknown-alias`. */
  check(number: number): void {
    if (this.#addresses[number] === undefined) unknown(number);
  }

  /** Our own number for it went to another address since; it gets one again. */
  #again(number: number, address: Address | undefined): Address {
    if (address === undefined) return unknown(number);
    const renewed = this.#addressOf(address.kind, address.name);
    this.#addresses[number] = renewed;
    return renewed;
  }
}

function unknown(number: number): never {
  throw new OmnibusError(
    "unknown-alias",
    `number ${number} was never given to an address in this session`,
  );
}
