import type { Clock } from "../base/index.ts";

/** At most this many names are kept apart within one interval; the others are counted under one name. */
const maxNames = 1000;

/** How often the same thing is told again. */
const intervalMs = 1000;

/** Adds up counts under names, and tells each name at most once a second. */
export class ThrottledCounts {
  readonly #clock: Clock;
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
    { isPrompt }: { readonly isPrompt: boolean },
  ) {
    this.#clock = clock;
    this.#tell = tell;
    this.#isPrompt = isPrompt;
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
    this.#clock.setTimer(intervalMs, () => {
      this.#isWaiting = this.#counts.size > 0;
      if (this.#isWaiting) this.#flush();
    });
  }
}
