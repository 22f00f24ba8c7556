/** What a progress bar draws on: standard error, if that is a terminal. */
export interface ProgressOutput {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressOptions {
  readonly output: ProgressOutput;
  /** Bytes of the whole input; undefined for a pipe. */
  readonly totalBytes: number | undefined;
}

/** Shorter input is done before anybody has read the bar. */
const longBytes = 1_048_576;
const barWidth = 24;

/** How far a long input has been read. Draws nothing unless its output is a terminal. */
export class ProgressBar {
  readonly #output: ProgressOutput;
  readonly #totalBytes: number | undefined;
  #drawn = "";
  #nextBytes = 0;

  constructor({ output, totalBytes }: ProgressOptions) {
    this.#output = output;
    this.#totalBytes = totalBytes;
    const isWanted = output.isTTY === true && (totalBytes ?? Infinity) >= longBytes;
    this.#nextBytes = isWanted ? (totalBytes === undefined ? longBytes : 0) : Infinity;
  }

  /** So many bytes and lines have been read; draws once per hundredth part. */
  update(bytes: number, lines: number): void {
    if (bytes < this.#nextBytes) return;
    this.#nextBytes = bytes + (this.#totalBytes ?? 100 * longBytes) / 100;
    this.#draw(bytes, lines);
  }

  /** Takes the bar away. */
  clear(): void {
    if (this.#drawn !== "") this.#output.write("\r\u001b[K");
    this.#drawn = "";
  }

  #draw(bytes: number, lines: number): void {
    const read = `${(bytes / 1_048_576).toFixed(1)} MiB, ${lines} messages`;
    let text = read;
    if (this.#totalBytes !== undefined) {
      const part = Math.min(bytes / this.#totalBytes, 1);
      const full = Math.round(part * barWidth);
      const bar = "#".repeat(full) + "-".repeat(barWidth - full);
      text = `[${bar}] ${String(Math.floor(part * 100)).padStart(3)} %  ${read}`;
    }
    const shown = text.slice(0, (this.#output.columns ?? 80) - 1);
    if (shown === this.#drawn) return;
    this.#drawn = shown;
    this.#output.write(`\r${shown}\u001b[K`);
  }
}
