import { OmnibusError, Slab } from "../base/index.ts";
import type { Address } from "../wire/index.ts";
import type { EncodedRun } from "./encoded-run.ts";

/** A neighbour may ask to hold back at most so many topics at once. */
const maxHeld = 10_000;

const none: readonly HeldRun[] = [];

/** A run that waits until its receiver wants runs of that address again. */
export interface HeldRun {
  readonly slab: Slab;
  readonly headerEnd: number;
  readonly end: number;
  readonly messages: number;
  /** The number that its header names its address by. */
  readonly number: number;
  /** How many messages of the address were dropped between it and the one before it. */
  readonly missedBefore: number;
}

/**
 * Runs for addresses that the neighbour asked us to hold back, in order, for each address. Only that
 * address stops; the others go on. Known by name: an address may get another number meanwhile.
 */
export class HeldRuns {
  /** Bytes that wait here. */
  bytes = 0;
  readonly #byName = new Map<string, HeldRun[]>();

  /** Whether nothing is held back. */
  get isEmpty(): boolean {
    return this.#byName.size === 0;
  }

  isHeld(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Throws `too-many`. */
  hold(name: string): void {
    if (this.#byName.has(name)) return;
    if (this.#byName.size >= maxHeld) {
      throw new OmnibusError("too-many", `a neighbour holds back more than ${maxHeld} topics`);
    }
    this.#byName.set(name, []);
  }

  add(address: Address, run: EncodedRun, missedBefore: number): void {
    const headerBytes = run.headerEnd - run.headerStart;
    const copy = new Uint8Array(run.byteLength);
    copy.set(run.headerSlab.bytes.subarray(run.headerStart, run.headerEnd));
    copy.set(run.bodySlab.bytes.subarray(run.bodyStart, run.bodyEnd), headerBytes);
    this.bytes += copy.length;
    this.#byName.get(address.name)?.push({
      slab: new Slab(copy),
      headerEnd: headerBytes,
      end: copy.length,
      messages: run.messages,
      number: address.number,
      missedBefore,
    });
  }

  /** What waited of an address, whose runs go on waiting. */
  take(name: string): readonly HeldRun[] {
    const runs = this.#byName.get(name);
    if (runs === undefined || runs.length === 0) return none;
    this.#byName.set(name, []);
    for (const run of runs) this.bytes -= run.end;
    return runs;
  }

  /** Ends the holding of an address; returns what waited. */
  letGo(name: string): readonly HeldRun[] {
    const runs = this.take(name);
    this.#byName.delete(name);
    return runs;
  }

  /** Returns how many messages waited. */
  clear(): number {
    let messages = 0;
    for (const runs of this.#byName.values()) for (const run of runs) messages += run.messages;
    this.#byName.clear();
    this.bytes = 0;
    return messages;
  }
}
