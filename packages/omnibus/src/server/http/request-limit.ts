import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/**
 * How many requests one connection may make, pipelined or one after the other: the answer to the last one
 * closes it. Requests that came in one read are all parsed and kept until they are answered, so who sends
 * many more is cut before that.
 */
export class RequestLimit {
  /** Enough that who keeps a connection saves what there is to save. Also for Node's `maxRequestsPerSocket`. */
  readonly max: number = 20;
  readonly #counts = new WeakMap<Duplex, number>();

  /** A request is worked on. */
  taken(socket: Duplex, response: ServerResponse): void {
    // By itself Node only asks the other side to close.
    if (this.#count(socket) >= this.max) response.shouldKeepAlive = false;
  }

  /** A request came behind the last one that is worked on. */
  dropped(socket: Duplex): void {
    if (this.#count(socket) > 2 * this.max) socket.destroy();
  }

  #count(socket: Duplex): number {
    const count = (this.#counts.get(socket) ?? 0) + 1;
    this.#counts.set(socket, count);
    return count;
  }
}
