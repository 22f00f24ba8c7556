import type { OmnibusError, Slab } from "../base/index.ts";
import type { Link, LinkReceiver } from "../link/index.ts";

/** Writes down what a link tells; uses all that comes, unless told otherwise. */
export class RecordingReceiver implements LinkReceiver {
  wantedBytes = 0;
  /** What came, one entry for each call. */
  readonly pieces: Uint8Array[] = [];
  /** `written`, `closed` and the sizes of what came, in order. */
  readonly events: string[] = [];
  isClosed = false;
  error: OmnibusError | undefined = undefined;
  /** How many of the shown bytes are used. */
  use: (bytes: Uint8Array) => number = (bytes) => bytes.length;
  #isInside = false;

  constructor(link?: Link) {
    link?.open(this);
  }

  /** All that was used, in one piece. */
  get bytes(): Uint8Array {
    return Uint8Array.from(this.pieces.flatMap((piece) => [...piece]));
  }

  received(slab: Slab, start: number, end: number): number {
    if (this.#isInside || this.isClosed) throw new Error("calls overlap, or follow the end");
    this.#isInside = true;
    const shown = slab.bytes.slice(start, end);
    const used = this.use(shown);
    this.pieces.push(shown.subarray(0, used));
    this.events.push(`received ${shown.length}`);
    this.#isInside = false;
    return start + used;
  }

  written(): void {
    if (this.#isInside || this.isClosed) throw new Error("calls overlap, or follow the end");
    this.events.push("written");
  }

  closed(error?: OmnibusError): void {
    if (this.#isInside || this.isClosed) throw new Error("calls overlap, or follow the end");
    this.isClosed = true;
    this.error = error;
    this.events.push("closed");
  }
}
