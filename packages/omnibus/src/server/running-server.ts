import type { Clock, Timer } from "../base/index.ts";
import type { Bus } from "../bus/index.ts";
import type { Front } from "./front.ts";

export interface RunningServerParts {
  readonly front: Front;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly dataFolder: string;
  readonly drainMs: number;
  readonly hasDefaultCredentials: boolean;
  readonly onClosed: () => void;
}

/** A server that listens. */
export class RunningServer implements AsyncDisposable {
  readonly #parts: RunningServerParts;
  #closing: Promise<void> | undefined;

  constructor(parts: RunningServerParts) {
    this.#parts = parts;
  }

  /** `ws://127.0.0.1:8080`, with the real host and port. */
  get url(): string {
    return this.#parts.front.url;
  }

  /** The page: `http://127.0.0.1:8080/`. */
  get pageUrl(): string {
    return `${this.url.replace(/^ws/, "http")}/`;
  }

  get port(): number {
    return this.#parts.front.port;
  }

  get bus(): Bus {
    return this.#parts.bus;
  }

  /** Connections of all protocols. */
  get connections(): number {
    return this.#parts.front.connections;
  }

  get dataFolder(): string {
    return this.#parts.dataFolder;
  }

  /** Whether `admin` with `password` may log in: worth a warning. */
  get hasDefaultCredentials(): boolean {
    return this.#parts.hasDefaultCredentials;
  }

  /**
   * Takes no more connections, tells all that we go away, sends what waits and ends; after the time of
   * `server.drain_secs` whatever is left is cut. A second call waits for the first.
   */
  close(options: { drainMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(options.drainMs ?? this.#parts.drainMs));
  }

  async #close(drainMs: number): Promise<void> {
    const { front, bus, onClosed } = this.#parts;
    front.stopAccepting();
    const flushed = Promise.all([front.drain(), bus.close({ flushMs: drainMs })]);
    await this.#within(drainMs, flushed);
    front.destroy();
    await bus.close({ flushMs: 0 });
    onClosed();
  }

  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => {
      // Where the last connection breaks meanwhile, nothing else keeps the process alive until the end.
      timer = this.#parts.clock.setTimer(limitMs, resolve, { isKeepingAlive: true });
    });
    await Promise.race([work, limit]);
    timer?.cancel();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
