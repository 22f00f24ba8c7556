import type { Clock } from "../base/index.ts";

/** At most this many names are kept apart within one interval; the others are counted under one name. */
const maxNames = 1000;

/** Adds up counts under names, and tells each name at most once in an interval. */
export class ThrottledCounts {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #tell: (name: string, count: number) => void;
  readonly #counts = new Map<string, number>();
  readonly #isPrompt: boolean;
  #isWaiting = false;

  /**
   * `isPrompt`: the first of a name is told inside `add`, and not as soon as the present work is done.
   */
  constructor(
    clock: Clock,
    tell: (name: string, count: number) => void,
    options: { readonly intervalMs: number; readonly isPrompt: boolean },
  ) {
    this.#clock = clock;
    this.#tell = tell;
    this.#intervalMs = options.intervalMs;
    this.#isPrompt = options.isPrompt;
  }

  add(name: string, count: number): void {
    const key = this.#counts.has(name) || this.#counts.size < maxNames ? name : "(others)";
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    if (this.#isPrompt) this.#flush();
    else this.#clock.soon(() => this.#flush());
  }

  #flush(): void {
    const counts = [...this.#counts];
    this.#counts.clear();
    for (const [name, count] of counts) this.#tell(name, count);
    this.#clock.setTimer(this.#intervalMs, () => {
      this.#isWaiting = false;
      if (this.#counts.size > 0) {
        this.#isWaiting = true;
        this.#flush();
      }
    });
  }
}
