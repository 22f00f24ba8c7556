import { Slab } from "../base/index.ts";
import type { EncodedRun } from "./encoded-run.ts";

/** A run that waits until its receiver wants runs of that address again. */
export interface HeldRun {
  readonly slab: Slab;
  readonly headerEnd: number;
  readonly end: number;
  readonly messages: number;
}

/**
 * Runs for addresses that the neighbour asked us to hold back, in order, for each address. Only that
 * address stops; the others go on.
 */
export class HeldRuns {
  /** Bytes that wait here. */
  bytes = 0;
  readonly #byAddress = new Map<number, HeldRun[]>();

  isHeld(number: number): boolean {
    return this.#byAddress.has(number);
  }

  hold(number: number): void {
    if (!this.#byAddress.has(number)) this.#byAddress.set(number, []);
  }

  add(number: number, run: EncodedRun): void {
    const headerBytes = run.headerEnd - run.headerStart;
    const copy = new Uint8Array(run.byteLength);
    copy.set(run.headerSlab.bytes.subarray(run.headerStart, run.headerEnd));
    copy.set(run.bodySlab.bytes.subarray(run.bodyStart, run.bodyEnd), headerBytes);
    this.bytes += copy.length;
    this.#byAddress
      .get(number)
      ?.push({
        slab: new Slab(copy),
        headerEnd: headerBytes,
        end: copy.length,
        messages: run.messages,
      });
  }

  /** Ends the holding of an address; returns what waited. */
  letGo(number: number): readonly HeldRun[] {
    const runs = this.#byAddress.get(number) ?? [];
    this.#byAddress.delete(number);
    for (const run of runs) this.bytes -= run.end;
    return runs;
  }

  clear(): void {
    this.#byAddress.clear();
    this.bytes = 0;
  }
}
