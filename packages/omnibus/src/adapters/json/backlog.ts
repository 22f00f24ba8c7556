import type { Message } from "../../bus/index.ts";
import { messageBytes } from "./broadcast.ts";
import type { JsonSubscription } from "./subscriptions.ts";

/** A message for one subscription of one connection. */
export interface Outgoing {
  readonly source: JsonSubscription;
  readonly message: Message;
  readonly isRedelivered: boolean;
}

/** More than this are not taken, whatever they are. */
const maxMessages = 100_000;
/** So many places of what has left are freed at once. */
const minFreed = 64;

/**
 * What waits to leave one connection, in order: replays, and live messages behind them. Replays are not
 * dropped because they wait; live messages are from a number of bytes on. [JSON-8.7]
 */
export class Backlog {
  readonly #maxLiveBytes: number;
  #places: (Outgoing | undefined)[] = [];
  /** How many places, from the front, are empty. */
  #left = 0;
  #liveBytes = 0;

  constructor(maxLiveBytes: number) {
    this.#maxLiveBytes = maxLiveBytes;
  }

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** Puts a message at the end. Returns false if there is no room for it. */
  add(outgoing: Outgoing): boolean {
    if (this.#places.length - this.#left >= maxMessages) return false;
    const liveBytes = liveBytesOf(outgoing);
    if (liveBytes > 0 && this.#liveBytes + liveBytes > this.#maxLiveBytes) return false;
    this.#liveBytes += liveBytes;
    this.#places.push(outgoing);
    return true;
  }

  /** The first of them. */
  first(): Outgoing | undefined {
    return this.#places[this.#left];
  }

  /** The first has left. */
  shift(): void {
    const first = this.#places[this.#left];
    if (first === undefined) return;
    this.#liveBytes -= liveBytesOf(first);
    this.#places[this.#left++] = undefined;
    if (this.#left === this.#places.length) this.#replace([]);
    else if (this.#left >= minFreed && this.#left * 2 >= this.#places.length) {
      this.#replace(this.#places.slice(this.#left));
    }
  }

  /** Takes out what is of other topics than these. */
  keep(isWanted: (topic: string) => boolean): void {
    const kept = [...this].filter((one) => isWanted(one.message.topic));
    this.#liveBytes = kept.reduce((sum, one) => sum + liveBytesOf(one), 0);
    this.#replace(kept);
  }

  *[Symbol.iterator](): Iterator<Outgoing> {
    for (const one of this.#places) if (one !== undefined) yield one;
  }

  #replace(places: (Outgoing | undefined)[]): void {
    this.#places = places;
    this.#left = 0;
  }
}

function liveBytesOf({ message }: Outgoing): number {
  return message.isReplay ? 0 : messageBytes(message);
}
