import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../base/index.ts";
import type { Sweep } from "../sweep.ts";
import { Deadlines } from "./deadlines.ts";

/**
 * The HTTP answers under way. A connection whose answers have not all left this process within some time
 * of its first request among them is cut: its other side does not read them.
 */
export class Answers {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #deadlines: Deadlines;
  readonly #counts = new WeakMap<Socket, number>();

  /** `sweep` may be shared. */
  constructor(clock: Clock, sweep: Sweep, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#deadlines = new Deadlines(clock, sweep);
  }

  /** A request came that `response` will answer. */
  begun(socket: Socket, response: ServerResponse): void {
    const count = this.#counts.get(socket) ?? 0;
    this.#counts.set(socket, count + 1);
    if (count === 0) this.#deadlines.await(socket, this.#clock.nowMs(), this.#timeoutMs);
    response.once("close", () => this.#ended(socket));
  }

  /** The connection speaks another protocol from now on. */
  forget(socket: Socket): void {
    this.#deadlines.settle(socket);
  }

  #ended(socket: Socket): void {
    const left = (this.#counts.get(socket) ?? 1) - 1;
    this.#counts.set(socket, left);
    if (left === 0) this.#deadlines.settle(socket);
  }
}
