import { type Clock, OmnibusError, type Realm, type Slab } from "../base/index.ts";
import {
  createMemoryLinks,
  type MemoryArrival,
  type MemoryLink,
  type MemoryPath,
} from "../link/index.ts";
import { ScramblingPool } from "./scrambling-pool.ts";
import type { SeededRandom } from "./seeded-random.ts";

export interface MemoryNetworkOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** How long everything takes. Default: 0. */
  readonly delayMs?: number;
  /** Up to so much more, at random. Default: 0. */
  readonly jitterMs?: number;
  /**
   * The share of writes that come to grief. On message-based links the message is lost; a stream
   * loses nothing: there the link breaks. Default: 0.
   */
  readonly lossRate?: number;
  /** The share of messages that may be overtaken. Streams keep their order. Default: 0. */
  readonly reorderRate?: number;
  /** What each direction of a link carries. Default: without limit. */
  readonly bytesPerMs?: number;
  /** Bytes under way before a write waits. Default: 262,144. */
  readonly bufferBytes?: number;
  /** Into what pieces a stream falls: as written, at random places, or into single bytes. Default: `none`. */
  readonly split?: "none" | "random" | "bytes";
}

export interface NetworkLinkOptions {
  readonly realm?: Realm;
  /** Default: false. */
  readonly isMessageBased?: boolean;
  /** Default: false. */
  readonly isIntegrityProtected?: boolean;
  /** Whether received bytes are only shown, as a link does that reads into one memory for all. */
  readonly mustCopy?: boolean;
  /** Default: the network's. */
  readonly bufferBytes?: number;
}

/**
 * A network of memory links that behaves as badly as it is told to, the same way for each seed. Memory
 * of received bytes is overwritten as soon as nobody holds it, and lent memory is read as late as may be.
 */
export class MemoryNetwork {
  /** Where received bytes are shown; `lent` is 0 when all links are quiet. */
  readonly memory: ScramblingPool = new ScramblingPool(65_536, 0);
  /** Messages that were lost so far. */
  lost = 0;
  readonly #options: MemoryNetworkOptions;
  readonly #links = new Set<MemoryLink>();
  readonly #parted = new Map<MemoryLink, (() => void)[]>();

  constructor(options: MemoryNetworkOptions) {
    this.#options = options;
  }

  /** A new link: its two ends. */
  connect(options: NetworkLinkOptions = {}): [MemoryLink, MemoryLink] {
    const { clock, bufferBytes } = this.#options;
    const isMessageBased = options.isMessageBased ?? false;
    const room = options.bufferBytes ?? bufferBytes;
    let first: MemoryLink | undefined = undefined;
    const ends = createMemoryLinks({
      clock,
      isMessageBased,
      isIntegrityProtected: options.isIntegrityProtected ?? false,
      realm: options.realm ?? "process",
      ...(room === undefined ? {} : { bufferBytes: room }),
      remotes: ["b", "a"],
      path: this.#path(() => first, { isMessageBased, mustCopy: options.mustCopy ?? false }),
    });
    first = ends[0];
    this.#links.add(first);
    return ends;
  }

  /** From now on nothing passes over `link`, or over any. What is sent on streams waits. */
  partition(link?: MemoryLink): void {
    for (const one of link === undefined ? this.#links : [link]) {
      if (!this.#parted.has(one)) this.#parted.set(one, []);
    }
  }

  /** Ends a partition; what waited arrives now. */
  heal(link?: MemoryLink): void {
    for (const one of link === undefined ? [...this.#parted.keys()] : [link]) {
      const waiting = this.#parted.get(one) ?? [];
      this.#parted.delete(one);
      for (const send of waiting) send();
    }
  }

  /** Breaks a link as a transport that fails does. */
  break(link: MemoryLink): void {
    link.break(new OmnibusError("closed", "the network broke the link"));
  }

  #path(
    link: () => MemoryLink | undefined,
    about: { isMessageBased: boolean; mustCopy: boolean },
  ): MemoryPath {
    const { random, lossRate = 0 } = this.#options;
    const lanes = [
      new Lane(this.#options, about.isMessageBased),
      new Lane(this.#options, about.isMessageBased),
    ] as const;
    return {
      carry: (bytes, to) => {
        const one = link();
        const isEnd = bytes.length === 0;
        const waiting = one === undefined ? undefined : this.#parted.get(one);
        if (!isEnd && lossRate > 0 && random.next() < lossRate) {
          this.lost++;
          if (about.isMessageBased) to.lose();
          else if (one !== undefined) this.break(one);
        } else if (waiting === undefined) lanes[to.direction].send(bytes, to);
        else if (about.isMessageBased && !isEnd) {
          this.lost++;
          to.lose();
        } else waiting.push(() => lanes[to.direction].send(bytes, to));
      },
      slabFor: (bytes): Slab => this.memory.wrap(bytes, { mustCopy: about.mustCopy }),
    };
  }
}

/** One direction of a link. */
class Lane {
  readonly #options: MemoryNetworkOptions;
  readonly #isMessageBased: boolean;
  /** When what was sent last has left, and when the last of what keeps its order arrives. */
  #freeAtMs = 0;
  #lastArrivalMs = 0;

  constructor(options: MemoryNetworkOptions, isMessageBased: boolean) {
    this.#options = options;
    this.#isMessageBased = isMessageBased;
  }

  send(bytes: Uint8Array, to: MemoryArrival): void {
    const { clock, random, delayMs = 0, jitterMs = 0, reorderRate = 0, bytesPerMs } = this.#options;
    const nowMs = clock.nowMs();
    const leavesMs =
      Math.max(nowMs, this.#freeAtMs) + (bytesPerMs === undefined ? 0 : bytes.length / bytesPerMs);
    this.#freeAtMs = leavesMs;
    let arrivesMs = leavesMs + delayMs + (jitterMs === 0 ? 0 : random.next() * jitterMs);
    const isLate =
      this.#isMessageBased && bytes.length > 0 && reorderRate > 0 && random.next() < reorderRate;
    if (isLate) arrivesMs += delayMs + jitterMs + 1;
    else this.#lastArrivalMs = arrivesMs = Math.max(arrivesMs, this.#lastArrivalMs);
    const arrive = (): void => {
      for (const piece of this.#pieces(bytes)) to.arrive(piece);
    };
    if (arrivesMs <= nowMs) clock.soon(arrive);
    else clock.setTimer(arrivesMs - nowMs, arrive);
  }

  #pieces(bytes: Uint8Array): Uint8Array[] {
    const { split = "none", random } = this.#options;
    if (split === "none" || this.#isMessageBased || bytes.length < 2) return [bytes];
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const most = bytes.length - at;
      const length = split === "bytes" ? 1 : 1 + random.integer(most);
      pieces.push(bytes.slice(at, at + length));
      at += length;
    }
    return pieces;
  }
}
