import { type Clock, type OmnibusError, type Realm, Slab, joinBytes } from "../base/index.ts";
import type { Link, LinkKind, LinkReceiver } from "./link.ts";

/** Where something that was sent ends up. */
export interface MemoryArrival {
  /** Which of the two ends sent it. */
  readonly direction: 0 | 1;
  /** It comes out at the other end: whole, or in pieces and in order. */
  arrive(piece: Uint8Array): void;
  /** It is lost. For message-based links only: streams lose nothing. */
  lose(): void;
}

/** What lies between the two ends of a memory link. Tests put delay, loss and more there. */
export interface MemoryPath {
  /**
   * Moves the bytes of one write; never calls `to` before it returns. No bytes at all stand for the
   * end of the link: they are never lost, and overtake nothing.
   */
  carry(bytes: Uint8Array, to: MemoryArrival): void;
  /** The memory in which received bytes are shown; released once they were. */
  slabFor(bytes: Uint8Array): Slab;
}

export interface MemoryLinkOptions {
  readonly clock: Clock;
  /** Default: `process`. */
  readonly realm?: Realm;
  /** Default: true. */
  readonly isMessageBased?: boolean;
  /** Default: true. */
  readonly isIntegrityProtected?: boolean;
  /**
   * Bytes that may be on the way in each direction, or wait at the other end, before a write has to
   * wait. Default: 262,144.
   */
  readonly bufferBytes?: number;
  /** What each end calls the other. Default: `memory`. */
  readonly remotes?: readonly [string, string];
  /** Default: straight on, through `clock.soon`. */
  readonly path?: MemoryPath;
}

/**
 * One end of a link within the process. A write copies its bytes as soon as there is room for them;
 * nothing is ever received, written or closed inside a call of the other end.
 */
export class MemoryLink implements Link {
  readonly kind: LinkKind = "memory";
  readonly realm: Realm;
  readonly remote: string;
  readonly isIntegrityProtected: boolean;
  readonly isMessageBased: boolean;
  readonly #clock: Clock;
  readonly #bufferBytes: number;
  readonly #path: MemoryPath;
  #peer: MemoryLink | undefined;
  #receiver: LinkReceiver | undefined;
  /** Bytes that were sent and that the other end has not used yet. */
  #underWay = 0;
  /** Lent memory that waits for room. */
  #lent: readonly Uint8Array[] | undefined;
  /** What came and was not shown, and what was shown and not used. */
  #arrived: Uint8Array[] = [];
  #rest: Uint8Array | undefined;
  #isPaused = false;
  #isShowing = false;
  #hasSaidEnd = false;
  #isEnding = false;
  #isOver = false;
  #error: OmnibusError | undefined;

  readonly #direction: 0 | 1;

  constructor(options: MemoryLinkOptions, direction: 0 | 1) {
    this.realm = options.realm ?? "process";
    this.remote = options.remotes?.[direction] ?? "memory";
    this.#direction = direction;
    this.isMessageBased = options.isMessageBased ?? true;
    this.isIntegrityProtected = options.isIntegrityProtected ?? true;
    this.#clock = options.clock;
    this.#bufferBytes = options.bufferBytes ?? 262_144;
    this.#path = options.path ?? straightPath(options.clock);
  }

  /** Joins two ends. Called once, by what makes them. */
  join(peer: MemoryLink): void {
    this.#peer = peer;
  }

  open(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.#clock.soon(() => this.#show());
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#lent !== undefined) {
      throw new TypeError("a write while the one before is not done");
    }
    if (this.#isOver || this.#hasSaidEnd) return true;
    if (this.#underWay >= this.#bufferBytes) {
      this.#lent = chunks;
      return false;
    }
    this.#send(chunks);
    return true;
  }

  #send(chunks: readonly Uint8Array[]): void {
    const bytes = joinBytes(chunks);
    this.#underWay += bytes.length;
    this.#path.carry(bytes, {
      direction: this.#direction,
      arrive: (piece) => this.#peer?.arrive(piece),
      lose: () => this.used(bytes.length),
    });
  }

  /** Bytes came out at this end. */
  arrive(piece: Uint8Array): void {
    if (this.#isOver) this.#peer?.used(piece.length);
    else this.#arrived.push(piece);
    this.#show();
  }

  #show(): void {
    const receiver = this.#receiver;
    if (receiver === undefined || this.#isShowing) return;
    this.#isShowing = true;
    while (!this.#isPaused && !this.#isOver && this.#arrived.length > 0) {
      const piece = this.#arrived.shift() as Uint8Array;
      const shown = this.#rest === undefined ? piece : joinBytes([this.#rest, piece]);
      this.#rest = undefined;
      const slab = this.#path.slabFor(shown);
      const used = receiver.received(slab, 0, shown.length);
      if (!this.isMessageBased && used < shown.length) this.#rest = slab.bytes.slice(used);
      slab.release();
      this.#peer?.used(piece.length);
    }
    this.#isShowing = false;
    if (this.#isEnding && this.#arrived.length === 0) this.#over();
  }

  /** The other end has used so many bytes of what this one sent. */
  used(bytes: number): void {
    this.#underWay -= bytes;
    if (this.#lent === undefined || this.#underWay >= this.#bufferBytes) return;
    this.#clock.soon(() => {
      const lent = this.#lent;
      if (lent === undefined || this.#isOver) return;
      this.#lent = undefined;
      this.#send(lent);
      this.#receiver?.written();
      if (this.#hasSaidEnd) this.#sendEnd();
    });
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#clock.soon(() => this.#show());
  }

  close(): void {
    if (this.#hasSaidEnd || this.#isOver) return;
    this.#hasSaidEnd = true;
    if (this.#lent === undefined) this.#sendEnd();
  }

  #sendEnd(): void {
    const peer = this.#peer;
    this.#path.carry(new Uint8Array(0), {
      direction: this.#direction,
      arrive: () => peer?.end(),
      lose: () => undefined,
    });
  }

  /** The other end will send nothing more: this one is over once it has shown what came before. */
  end(): void {
    this.#isEnding = true;
    this.#clock.soon(() => this.#show());
  }

  destroy(): void {
    if (this.#isOver) return;
    if (!this.#hasSaidEnd) this.#sendEnd();
    this.#hasSaidEnd = true;
    this.#over();
  }

  /** Ends both ends at once, as a transport that fails does. What was on the way is lost. */
  break(error: OmnibusError): void {
    for (const end of [this, this.#peer]) {
      if (end === undefined || end.#isOver) continue;
      end.#error = error;
      end.#over();
    }
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#lent = undefined;
    this.#arrived = [];
    this.#rest = undefined;
    if (this.#isEnding) this.#peer?.end();
    this.#clock.soon(() => {
      const receiver = this.#receiver;
      this.#receiver = undefined;
      receiver?.closed(this.#error);
    });
  }
}

/** The two ends of a link within this process. */
export function createMemoryLinks(options: MemoryLinkOptions): [MemoryLink, MemoryLink] {
  const ends: [MemoryLink, MemoryLink] = [new MemoryLink(options, 0), new MemoryLink(options, 1)];
  ends[0].join(ends[1]);
  ends[1].join(ends[0]);
  return ends;
}

function straightPath(clock: Clock): MemoryPath {
  return {
    carry: (bytes, to) => clock.soon(() => to.arrive(bytes)),
    slabFor: (bytes) => new Slab(bytes),
  };
}
