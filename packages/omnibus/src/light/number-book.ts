import { Address } from "../wire/index.ts";

/**
 * Numbers at most. With names of full length they stay within what a server keeps of one client's names by
 * default. [WIRE-7.4]
 */
const maxNumbers = 4096;

/**
 * The numbers that this leaf has given to addresses in one session. When all are given, the one that was
 * unused for longest goes to the next address: its alias run stands behind all runs that named the old one,
 * so none of them is read wrongly. [WIRE-7.3]
 */
export class NumberBook {
  /** In the order of their last use. */
  readonly #addresses = new Map<string, Address>();

  /** The numbered address of a topic; `tell` is called if the server has to be told of its number. */
  of(name: string, tell: (address: Address) => void): Address {
    const addresses = this.#addresses;
    let address = addresses.get(name);
    if (address === undefined) {
      const [oldest] = addresses.size < maxNumbers ? [] : addresses.values();
      if (oldest !== undefined) addresses.delete(oldest.name);
      address = new Address(oldest?.number ?? addresses.size + 1, "topic", name);
      tell(address);
    }
    addresses.delete(name);
    addresses.set(name, address);
    return address;
  }
}
