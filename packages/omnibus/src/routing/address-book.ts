import { OmnibusError } from "../base/index.ts";
import { Address, type AddressKind, maxAliases } from "../wire/index.ts";

/** How many addresses lose their numbers at once when the book is full. */
const retireAtOnce = 2048;

export interface AddressBookOptions {
  /** Addresses at most. Default: 65,535 (numbers 1 to 65,535). */
  readonly maxAddresses?: number;
  /** Addresses that were used in this tick or later may be named by runs that wait somewhere. */
  oldestTick(): number;
  /** Whether an address must keep its number for another reason. */
  isPinned(address: Address): boolean;
  /** The numbers of these addresses are free now, and will be given to others. */
  retired(addresses: readonly Address[]): void;
}

/**
 * The node-wide numbering of addresses. Bounded: when it is full, addresses that have not been used for
 * longest lose their numbers, unless somebody still needs them.
 */
export class AddressBook {
  readonly #options: AddressBookOptions;
  readonly #maxAddresses: number;
  readonly #byName: Record<AddressKind, Map<string, Address>> = {
    topic: new Map(),
    endpoint: new Map(),
    node: new Map(),
  };
  /**
   * Whether few addresses could lose their number when some had to: most are named by what waits
   * somewhere. Whoever makes room resets it.
   */
  isShort = false;
  #freeNumbers: number[] = [];
  #nextNumber = 1;

  constructor(options: AddressBookOptions) {
    this.#options = options;
    this.#maxAddresses = options.maxAddresses ?? maxAliases - 1;
  }

  /** How many addresses have a number. */
  get size(): number {
    return this.#nextNumber - 1 - this.#freeNumbers.length;
  }

  /** The address of that name if it has a number already. */
  find(kind: AddressKind, name: string): Address | undefined {
    return this.#byName[kind].get(name);
  }

  /** The address of that name. Throws `too-many` if all numbers are in use. */
  get(kind: AddressKind, name: string): Address {
    return this.#byName[kind].get(name) ?? this.#add(kind, name);
  }

  /** All that have a number. Goes on through changes: those that come meanwhile may be seen or not. */
  *all(): Iterable<Address> {
    for (const map of Object.values(this.#byName)) yield* map.values();
  }

  #add(kind: AddressKind, name: string): Address {
    if (this.#freeNumbers.length === 0 && this.#nextNumber > this.#maxAddresses) this.#retire();
    const number = this.#freeNumbers.pop() ?? this.#nextNumber++;
    const address = new Address(number, kind, name);
    this.#byName[kind].set(name, address);
    return address;
  }

  #retire(): void {
    const idle: Address[] = [];
    const oldestTick = this.#options.oldestTick();
    for (const address of this.all()) {
      if (address.lastUsedTick < oldestTick && !this.#options.isPinned(address)) idle.push(address);
    }
    this.isShort = idle.length - retireAtOnce < this.#maxAddresses / 4;
    if (idle.length === 0) {
      throw new OmnibusError(
        "too-many",
        `${this.#maxAddresses} addresses are in use at once; that is the limit`,
      );
    }
    idle.sort((a, b) => a.lastUsedTick - b.lastUsedTick);
    const retired = idle.slice(0, retireAtOnce);
    for (const address of retired) {
      address.isRetired = true;
      address.next = undefined;
      this.#byName[address.kind].delete(address.name);
      this.#freeNumbers.push(address.number);
    }
    this.#options.retired(retired);
  }
}
