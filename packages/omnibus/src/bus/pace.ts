import type { Session } from "../session/index.ts";

/** So many seconds' worth may be used at once. */
const burstSecs = 4;
/** What is owed is paid back in so many seconds at most, however little a second is allowed. */
const debtSecs = 4;

/** What can be read from or not: a session, or an adapter's connection. */
export type Readable = Pick<Session, "pauseReading" | "resumeReading">;

/**
 * How much of something a neighbour may use a second, on average. Who uses more is not read from until it
 * is paid for.
 */
export class Pace {
  readonly #perSec: number;
  #left: number;

  constructor(perSec: number) {
    this.#perSec = perSec;
    this.#left = perSec * burstSecs;
  }

  /** Whether as much may be used as ever may. */
  get isFull(): boolean {
    return this.#left === this.#perSec * burstSecs;
  }

  /** Whether as much is owed as can be: what is used now would never be paid for. */
  get isSpent(): boolean {
    return this.#left === -this.#perSec * debtSecs;
  }

  /** So much was used. Returns false if that was too much: it is not read from for now. */
  use(amount: number, reader: Readable): boolean {
    this.#left = Math.max(this.#left - amount, -this.#perSec * debtSecs);
    if (this.#left >= 0) return true;
    reader.pauseReading(this);
    return false;
  }

  /** A second has passed. */
  tick(reader: Readable): void {
    if (this.isFull) return;
    const wasOver = this.#left < 0;
    this.#left = Math.min(this.#left + this.#perSec, this.#perSec * burstSecs);
    if (wasOver && this.#left >= 0) reader.resumeReading(this);
  }
}
