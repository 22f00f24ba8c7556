import type { Socket } from "node:net";
import type { Clock } from "../../base/index.ts";
import type { Sweep, Sweepable } from "../sweep.ts";

/** A connection that has to do something by the end of some sweeps. */
class Awaited implements Sweepable {
  /** Since when its time runs. */
  readonly sinceMs: number;
  readonly #socket: Socket;
  readonly #farewell: string | undefined;
  #sweepsLeft: number;

  constructor(socket: Socket, sinceMs: number, sweeps: number, farewell: string | undefined) {
    this.sinceMs = sinceMs;
    this.#socket = socket;
    this.#sweepsLeft = sweeps;
    this.#farewell = farewell;
  }

  swept(): void {
    this.#sweepsLeft--;
    if (this.#sweepsLeft > 0) return;
    if (this.#sweepsLeft === 0 && this.#farewell !== undefined && this.#socket.writable) {
      this.#socket.write(this.#farewell);
      // Who does not take it is cut by the next sweep.
      this.#socket.destroySoon();
    } else this.#socket.destroy();
  }
}

/** Connections of which something is awaited, each until a moment of its own; then they are cut. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #sweep: Sweep;
  readonly #awaited = new Map<Socket, Awaited>();

  /** `sweep` may be shared. */
  constructor(clock: Clock, sweep: Sweep) {
    this.#clock = clock;
    this.#sweep = sweep;
  }

  get size(): number {
    return this.#awaited.size;
  }

  /**
   * Cuts `socket` when `forMs` have passed since `sinceMs`, with `farewell` as its last words, unless it is
   * settled or closed before.
   */
  await(socket: Socket, sinceMs: number, forMs: number, farewell?: string): void {
    const sweeps = this.#sweep.periods(sinceMs + forMs - this.#clock.nowMs());
    const awaited = new Awaited(socket, sinceMs, sweeps, farewell);
    this.#awaited.set(socket, awaited);
    this.#sweep.add(awaited);
    socket.once("close", this.#closed);
  }

  /** Since when something is awaited of `socket`; undefined if nothing is. */
  sinceOf(socket: Socket): number | undefined {
    return this.#awaited.get(socket)?.sinceMs;
  }

  /** What was awaited of `socket` has come. */
  settle(socket: Socket): void {
    const awaited = this.#awaited.get(socket);
    if (awaited === undefined) return;
    this.#awaited.delete(socket);
    this.#sweep.delete(awaited);
    socket.off("close", this.#closed);
  }

  cutAll(): void {
    for (const socket of this.#awaited.keys()) socket.destroy();
  }

  // One function for all sockets of this object.
  readonly #closed = ((deadlines: Deadlines) =>
    function (this: Socket): void {
      deadlines.settle(this);
    })(this);
}
