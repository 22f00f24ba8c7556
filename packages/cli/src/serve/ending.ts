/** What a signal means to a running server. */
export type Verdict = "drain" | "end-now" | "ignore";

export interface EndingOptions {
  /** Milliseconds since some fixed moment. */
  readonly nowMs: () => number;
  /** Signals within this time after the first are the same keystroke. Default: 0, all count. */
  readonly windowMs?: number;
}

/**
 * Judges signals: the first drains; an interrupt after that ends at once; a second SIGTERM or SIGHUP
 * changes nothing. npm passes a Ctrl-C on that the terminal has sent already, hence the window.
 */
export class Ending {
  readonly #nowMs: () => number;
  readonly #windowMs: number;
  #firstMs: number | undefined;

  constructor({ nowMs, windowMs = 0 }: EndingOptions) {
    this.#nowMs = nowMs;
    this.#windowMs = windowMs;
  }

  /** A signal came. */
  judge(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): Verdict {
    const nowMs = this.#nowMs();
    if (this.#firstMs === undefined) {
      this.#firstMs = nowMs;
      return "drain";
    }
    if (signal !== "SIGINT" || nowMs - this.#firstMs < this.#windowMs) return "ignore";
    return "end-now";
  }
}
