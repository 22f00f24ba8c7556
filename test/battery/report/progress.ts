import type { Row, RowResult } from "../row.ts";
import type { Watcher } from "../run-rows.ts";

const CLEAR_LINE = "\r\u001B[2K";

/** On a terminal one line that is written over; elsewhere a line per row. */
export class ProgressLine implements Watcher {
  readonly #out: NodeJS.WriteStream;
  readonly #total: number;
  #done = 0;

  constructor(out: NodeJS.WriteStream, total: number) {
    this.#out = out;
    this.#total = total;
  }

  began(row: Row): void {
    this.progress(row, "...");
  }

  progress(row: Row, text: string): void {
    if (!this.#out.isTTY) return;
    const line = `[${this.#done}/${this.#total}] ${row.name}: ${text}`;
    this.#out.write(CLEAR_LINE + line.slice(0, this.#out.columns - 1));
  }

  ended(result: RowResult): void {
    this.#done += 1;
    const verdict = result.hasPassed ? "pass" : "FAIL";
    const line = `[${this.#done}/${this.#total}] ${verdict} ${result.name} (${result.seconds.toFixed(1)} s)`;
    this.#out.write(`${this.#out.isTTY ? CLEAR_LINE : ""}${line}\n`);
  }
}
