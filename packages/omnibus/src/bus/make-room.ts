import { OmnibusError } from "../base/index.ts";
import type { AddressBook } from "../routing/index.ts";
import type { Neighbour } from "./neighbour.ts";

/** Who keeps numbers of addresses, as this sees it. */
type Keeper = Pick<Neighbour, "session">;

/**
 * Where numbers of addresses run out because what waits for somebody names them, ends who has kept them
 * longest: else topics would be refused to all others. [WIRE-7.5]
 */
export class RoomMaker {
  readonly #book: Pick<AddressBook, "isShort">;
  readonly #outbox: { readonly tick: number };
  /** The tick in which this was looked after last. */
  #lastTick = 0;

  constructor(book: Pick<AddressBook, "isShort">, outbox: { readonly tick: number }) {
    this.#book = book;
    this.#outbox = outbox;
  }

  /** To be called every second. Who has taken all from before the last time keeps up, however much waits. */
  check(neighbours: Iterable<Keeper>): void {
    let oldest = this.#lastTick;
    this.#lastTick = this.#outbox.tick;
    if (!this.#book.isShort) return;
    this.#book.isShort = false;
    let slowest: Keeper | undefined;
    for (const neighbour of neighbours) {
      const { sinceTick } = neighbour.session.sender.queue;
      if (sinceTick >= oldest) continue;
      oldest = sinceTick;
      slowest = neighbour;
    }
    slowest?.session.end(
      new OmnibusError("overloaded", "it does not read what many topics wait for"),
    );
    slowest?.session.link.destroy();
  }
}
