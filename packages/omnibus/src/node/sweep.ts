import type { Clock, Timer } from "../base/index.ts";

/** Something that wants to be looked at once per period. */
export interface Sweepable {
  swept(): void;
}

/**
 * One timer for the deadlines of any number of connections. Each member is called once per period
 * and counts for itself; so an idle connection owns no timer, and time in which the process stood
 * still counts as one period at most. Runs only while there are members.
 */
export class Sweep {
  readonly periodMs: number;
  readonly #clock: Clock;
  readonly #members = new Set<Sweepable>();
  #timer: Timer | undefined;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
    this.periodMs = periodMs;
  }

  /** How many periods make up `ms`, at least one. */
  periods(ms: number): number {
    return Math.max(1, Math.ceil(ms / this.periodMs));
  }

  add(member: Sweepable): void {
    this.#members.add(member);
    this.#timer ??= this.#next();
  }

  delete(member: Sweepable): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #next(): Timer {
    return this.#clock.setTimer(this.periodMs, () => {
      this.#timer = undefined;
      for (const member of this.#members) member.swept();
      if (this.#members.size > 0) this.#timer ??= this.#next();
    });
  }
}
