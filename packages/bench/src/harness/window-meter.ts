import { monotonicMs } from "./monotonic.ts";
import { cpuSecondsOf } from "./process-usage.ts";

/** How long is measured, and whose CPU time. */
export interface WindowOptions {
  /** From the first delivery on; not measured. */
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly middlePid: number;
}

/** What the subscriber counted in the measured window. */
export interface WindowResult {
  readonly messages: number;
  readonly seconds: number;
  /** CPU seconds of the middle; 0 where /proc is missing. */
  readonly middleCpuSeconds: number;
}

interface Mark {
  readonly atMs: number;
  readonly messages: number;
  readonly cpuSeconds: number;
}

/**
 * Measures a rate at the subscriber: the warm-up begins with the first delivery, the window after it;
 * both ends are taken at a delivery, so that only what was delivered counts.
 */
export class WindowMeter {
  readonly #options: WindowOptions;
  readonly #done: PromiseWithResolvers<WindowResult> = Promise.withResolvers();
  #firstMs: number | undefined;
  #start: Mark | undefined;
  #isDone = false;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Resolves at the end of the window. */
  get result(): Promise<WindowResult> {
    return this.#done.promise;
  }

  /** Told now and then how many messages have arrived in all. */
  look(messages: number): void {
    if (this.#isDone) return;
    const nowMs = monotonicMs();
    this.#firstMs ??= nowMs;
    if (this.#start === undefined) {
      if (nowMs - this.#firstMs >= this.#options.warmupMs)
        this.#start = this.#mark(nowMs, messages);
    } else if (nowMs - this.#start.atMs >= this.#options.windowMs) {
      this.#finish(this.#start, this.#mark(nowMs, messages));
    }
  }

  #mark(atMs: number, messages: number): Mark {
    return { atMs, messages, cpuSeconds: cpuSecondsOf(this.#options.middlePid) ?? 0 };
  }

  #finish(start: Mark, end: Mark): void {
    this.#isDone = true;
    this.#done.resolve({
      messages: end.messages - start.messages,
      seconds: (end.atMs - start.atMs) / 1000,
      middleCpuSeconds: end.cpuSeconds - start.cpuSeconds,
    });
  }
}
