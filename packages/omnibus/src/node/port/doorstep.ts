import type { Socket } from "node:net";

export interface DoorstepOptions {
  /** Connections that are nobody's yet, all together. Default: 16,384. */
  readonly maxUndecided?: number;
  /** The same of one address. Default: 1,024. */
  readonly maxUndecidedPerAddress?: number;
  /**
   * Whom a remote address is counted for, such as its network; undefined: it has no limit of its own.
   * Default: each address is counted for itself.
   */
  readonly countedAs?: (remoteAddress: string) => string | undefined;
  /** Told of each connection that found no place and was cut: `full` is all places, `too-many` the address's. */
  readonly onNoPlace?: (why: "full" | "too-many") => void;
}

const unlimited = "";

/**
 * The connections that came in and are nobody's yet: they have said nothing, are in their TLS handshake,
 * speak HTTP or are being dismissed. Each has one place, from when it is accepted until it closes or
 * somebody takes it who counts it himself.
 */
export class Doorstep {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #countedAs: (remoteAddress: string) => string | undefined;
  readonly #onNoPlace: (why: "full" | "too-many") => void;
  /** Whom each is counted for. */
  readonly #places = new Map<Socket, string>();
  readonly #counts = new Map<string, number>();

  constructor(options: DoorstepOptions) {
    this.#max = options.maxUndecided ?? 16_384;
    this.#maxPerAddress = options.maxUndecidedPerAddress ?? 1024;
    this.#countedAs = options.countedAs ?? ((address) => address);
    this.#onNoPlace = options.onNoPlace ?? (() => {});
  }

  /** How many are there. */
  get size(): number {
    return this.#places.size;
  }

  /** Gives an accepted connection a place, or cuts it and returns false. */
  enter(socket: Socket): boolean {
    const whose = this.#countedAs(socket.remoteAddress ?? "") ?? unlimited;
    const isFull = this.#places.size >= this.#max;
    const count = this.#counts.get(whose) ?? 0;
    if (isFull || (whose !== unlimited && count >= this.#maxPerAddress)) {
      socket.destroy();
      this.#onNoPlace(isFull ? "full" : "too-many");
      return false;
    }
    this.#places.set(socket, whose);
    this.#counts.set(whose, count + 1);
    socket.once("close", this.#closed);
    return true;
  }

  /** Somebody took the connection. Nothing of it is kept. */
  leave(socket: Socket): void {
    const whose = this.#places.get(socket);
    if (whose === undefined) return;
    this.#places.delete(socket);
    socket.off("close", this.#closed);
    const count = (this.#counts.get(whose) ?? 0) - 1;
    if (count > 0) this.#counts.set(whose, count);
    else this.#counts.delete(whose);
  }

  // One function for all sockets of this object.
  readonly #closed = ((doorstep: Doorstep) =>
    function (this: Socket): void {
      doorstep.leave(this);
    })(this);
}
