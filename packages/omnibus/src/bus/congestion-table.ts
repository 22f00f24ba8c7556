import type { Address } from "../wire/index.ts";

/** One more at once would end the session with its source. [WIRE-10.1] */
const maxHeld = 10_000;

/** A source that was asked to wait with an address. */
export interface Waiting<N> {
  readonly source: N;
  readonly address: Address;
  /** The realm of the run for which it waits, as a number. */
  readonly realm: number;
}

/** Which sources wait for which receivers: at most one receiver for each source and address. */
export class CongestionTable<N> {
  readonly #byReceiver = new Map<N, Waiting<N>[]>();
  readonly #bySource = new Map<N, Set<Address>>();
  readonly #paused = new Map<N, Set<N>>();

  /** A source is to wait with an address until `receiver` is below its mark; false if it waits already, or with too many. */
  add(one: Waiting<N>, receiver: N): boolean {
    const { source, address } = one;
    let addresses = this.#bySource.get(source);
    if (addresses === undefined) {
      addresses = new Set();
      this.#bySource.set(source, addresses);
    }
    if (addresses.has(address) || addresses.size >= maxHeld) return false;
    addresses.add(address);
    const waiting = this.#byReceiver.get(receiver);
    if (waiting === undefined) this.#byReceiver.set(receiver, [one]);
    else waiting.push(one);
    return true;
  }

  /** `source` is not read from until `receiver` is below its mark. */
  pause(source: N, receiver: N): void {
    const sources = this.#paused.get(receiver) ?? new Set();
    sources.add(source);
    this.#paused.set(receiver, sources);
  }

  /** The sources that were paused for `receiver`; they no longer are. */
  resumed(receiver: N): Iterable<N> {
    const sources = this.#paused.get(receiver) ?? new Set<N>();
    this.#paused.delete(receiver);
    return sources;
  }

  /** Those that waited for `receiver`; they no longer do. */
  relieved(receiver: N): readonly Waiting<N>[] {
    const waiting = this.#byReceiver.get(receiver) ?? [];
    this.#byReceiver.delete(receiver);
    for (const { source, address } of waiting) this.#bySource.get(source)?.delete(address);
    return waiting;
  }

  /** A neighbour is gone. */
  forget(neighbour: N): void {
    this.#bySource.delete(neighbour);
    this.#byReceiver.delete(neighbour);
    this.#paused.delete(neighbour);
    for (const [receiver, waiting] of this.#byReceiver) {
      const rest = waiting.filter(({ source }) => source !== neighbour);
      if (rest.length < waiting.length) this.#byReceiver.set(receiver, rest);
    }
    for (const sources of this.#paused.values()) sources.delete(neighbour);
  }
}
