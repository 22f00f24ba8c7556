import type { WriteStream } from "node:tty";
import type { Progress } from "../scenarios/run-row.ts";

const CLEAR_LINE = "\r\u001B[2K";

/** On a terminal one line that is written over; elsewhere a plain line per sample. */
export class ProgressLine implements Progress {
  readonly #out: WriteStream | NodeJS.WriteStream;
  readonly #total: number;
  #done = 0;

  /** `total` is the number of samples to come. */
  constructor(out: NodeJS.WriteStream, total: number) {
    this.#out = out;
    this.#total = total;
  }

  step(row: string, system: string): void {
    if (this.#out.isTTY) this.#show(`${row}: ${system} ...`);
  }

  seen(row: string, system: string, value: string): void {
    this.#done += 1;
    if (this.#out.isTTY) this.#show(`${row}: ${system} ${value}`);
    else this.#out.write(`[${this.#done}/${this.#total}] ${row}: ${system} ${value}\n`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#out.isTTY) this.#out.write(CLEAR_LINE);
  }

  #show(text: string): void {
    const line = `[${this.#done}/${this.#total}] ${text}`;
    this.#out.write(CLEAR_LINE + line.slice(0, (this.#out.columns ?? 80) - 1));
  }
}
