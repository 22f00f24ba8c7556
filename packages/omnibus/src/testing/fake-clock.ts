import type { Clock, Timer } from "../base/index.ts";

const maxDelayMs = 2 ** 31 - 1;
const maxRounds = 100_000;

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}

/**
 * A clock that stands still until it is told to go on. Timers fire in order of their moment, and in
 * the order in which they were set where that is equal. Nothing is called from inside `setTimer`,
 * `soon` or `atTickEnd`: only `advance` and `settle` call, so a test decides when.
 *
 * After each timer all that waits for `soon` and for the tick's end is called before the next timer.
 * Promises are the engine's own: after `await` in the code under test use `settled()`.
 */
export class FakeClock implements Clock {
  #nowMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  #heap: Entry[] = [];
  #live = 0;
  #soon: (() => void)[] = [];
  #tickEnd: (() => void)[] = [];
  #isRunning = false;

  /** `wallMs`: what the wall clock shows at the start, by default 2025-01-01T00:00:00Z. */
  constructor(options: { wallMs?: number } = {}) {
    this.#wallOffsetMs = options.wallMs ?? 1_735_689_600_000;
  }

  /** How many timers are set and have neither fired nor been cancelled. */
  get pendingTimers(): number {
    return this.#live;
  }

  /** When the next timer fires, in the terms of `nowMs`; undefined if none is set. */
  get nextTimerMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.dueMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#wallOffsetMs + this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    if (!(delayMs >= 0 && delayMs <= maxDelayMs)) {
      throw new RangeError(`a delay must be 0 to ${maxDelayMs} ms, not ${delayMs}`);
    }
    const entry: Entry = { dueMs: this.#nowMs + delayMs, order: this.#order++, fire };
    this.#push(entry);
    this.#live++;
    return {
      cancel: () => {
        if (entry.fire === undefined) return;
        entry.fire = undefined;
        this.#live--;
        if (this.#heap.length > 64 && this.#heap.length > 4 * this.#live) this.#compact();
      },
    };
  }

  atTickEnd(fire: () => void): void {
    this.#tickEnd.push(fire);
  }

  soon(fire: () => void): void {
    this.#soon.push(fire);
  }

  /** Moves the wall clock alone, as an administrator or NTP may. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** Goes on by `ms` and fires all that becomes due, each at its own moment. */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time cannot go back by ${ms} ms`);
    const targetMs = this.#nowMs + ms;
    this.settle();
    this.#run(() => {
      let rounds = 0;
      for (let next = this.#takeDue(targetMs); next; next = this.#takeDue(targetMs)) {
        if (++rounds > maxRounds * 10) throw new Error("timers without end: a livelock?");
        this.#nowMs = Math.max(this.#nowMs, next.dueMs);
        const fire = next.fire;
        next.fire = undefined;
        this.#live--;
        fire?.();
        this.#drain();
      }
    });
    this.#nowMs = targetMs;
  }

  /** Time goes on by `ms` at once, as for a process that is stopped: then what has become due fires, late. */
  skip(ms: number): void {
    this.settle();
    this.#nowMs += ms;
    this.advance(0);
  }

  /** Calls all that waits for `soon` and for the tick's end, until nothing waits. Time stands still. */
  settle(): void {
    this.#run(() => this.#drain());
  }

  /** As `settle`, and lets promises go on in between, `turns` times. */
  async settled(turns = 20): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      this.settle();
      await Promise.resolve();
    }
    this.settle();
  }

  #run(body: () => void): void {
    if (this.#isRunning) throw new Error("advance and settle must not be called from a callback");
    this.#isRunning = true;
    try {
      body();
    } finally {
      this.#isRunning = false;
    }
  }

  #drain(): void {
    let rounds = 0;
    while (this.#soon.length > 0 || this.#tickEnd.length > 0) {
      if (++rounds > maxRounds) throw new Error("`soon` or `atTickEnd` without end: a livelock?");
      const due = this.#soon.length > 0 ? this.#soon : this.#tickEnd;
      if (due === this.#soon) this.#soon = [];
      else this.#tickEnd = [];
      for (const fire of due) fire();
    }
  }

  #takeDue(untilMs: number): Entry | undefined {
    this.#dropCancelled();
    const first = this.#heap[0];
    if (first === undefined || first.dueMs > untilMs) return undefined;
    this.#pop();
    return first;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.fire === undefined) this.#pop();
  }

  #compact(): void {
    const entries = this.#heap.filter((entry) => entry.fire !== undefined);
    this.#heap = [];
    for (const entry of entries) this.#push(entry);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      let child = heap[down];
      if (child === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        down++;
      }
      if (!isBefore(child, last)) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}
