/** The memory of a process, watched while something is done to it. */
import type { BatteryServer } from "./battery-server.ts";

const everyMs = 5;

export class MemoryWatch implements Disposable {
  readonly #server: BatteryServer;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(server: BatteryServer) {
    this.#server = server;
    this.#timer = setInterval(() => this.#look(), everyMs);
    this.#look();
  }

  /** The most resident bytes since it was made, or since `restart`. */
  get peakBytes(): number {
    this.#look();
    return this.#peak;
  }

  restart(): void {
    this.#peak = 0;
    this.#look();
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, this.#server.residentBytes());
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
