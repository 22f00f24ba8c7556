import { crc32Short, type Slab, SlabPool } from "../base/index.ts";
import { frameHashBytes, maxFrameOverheadBytes, writeFrameHead, writeHash } from "../wire/index.ts";
import type { PendingFrame } from "./pending-frame.ts";

/** Frames up to this size are copied into one piece: one short write beats gathering. */
const copyBelowBytes = 4096;
/** Frames whose pieces are shorter than this on average are copied as well: so many would cost more. */
const copyBelowSpanBytes = 4096;
/** How many different frames of a flush are remembered: sessions that fall behind write several each. */
const maxRemembered = 8;
/** Memory for short frames and for what stands around long ones: all that a stuck write of those pins. */
const shortSlabBytes = 8192;

/** A frame of this flush, and what it was turned into. */
interface Encoded {
  readonly frame: PendingFrame;
  readonly chunks: readonly Uint8Array[];
  readonly slab: Slab;
}

/**
 * Turns pending frames into pieces of memory to write. Sessions that send the same bytes share the
 * work: the last frames' pieces are kept until the flush is over.
 */
export class FrameEncoder {
  readonly #short: Scratch;
  readonly #long: Scratch;
  readonly #remembered: Encoded[] = [];
  /** Where the last one stands among them: the next is likely to be the one behind it. */
  #at = 0;
  #lastSlab: Slab;

  /** `pool` is for frames that are copied and not short. */
  constructor(pool: SlabPool) {
    this.#short = new Scratch(new SlabPool(shortSlabBytes, 64));
    this.#long = new Scratch(pool);
    this.#lastSlab = this.#short.slab;
  }

  /** The slab that holds what the last `encode` wrote itself (not the frame's own memory). */
  get slab(): Slab {
    return this.#lastSlab;
  }

  /** Whether all of a frame is copied when it is encoded: its own memory is not needed after that. */
  copies({ spans, runBytes }: PendingFrame): boolean {
    return (
      runBytes <= copyBelowBytes ||
      (runBytes < copyBelowSpanBytes * spans.length &&
        runBytes + maxFrameOverheadBytes < this.#long.slab.bytes.length)
    );
  }

  /** The pieces of the frame, in order, appended to `chunks`. */
  encode(frame: PendingFrame, chunks: Uint8Array[]): void {
    const encoded = this.#find(frame) ?? this.#remember(frame);
    this.#lastSlab = encoded.slab;
    for (const chunk of encoded.chunks) chunks.push(chunk);
  }

  #find(frame: PendingFrame): Encoded | undefined {
    const remembered = this.#remembered;
    const count = remembered.length;
    for (let n = 0, at = this.#at; n < count; n++, at++) {
      if (at >= count) at = 0;
      const encoded = remembered[at] as Encoded;
      if (encoded.frame.hasHash !== frame.hasHash || !encoded.frame.isSameAs(frame)) continue;
      this.#at = at + 1;
      return encoded;
    }
    return undefined;
  }

  /** Holds what is remembered: memory that is used again meanwhile would look the same. */
  #remember(frame: PendingFrame): Encoded {
    const chunks = this.#encode(frame);
    const encoded = { frame, chunks, slab: this.#lastSlab };
    frame.hold();
    encoded.slab.hold();
    const at = this.#at < maxRemembered ? this.#at : 0;
    const before = this.#remembered[at];
    if (before !== undefined) forget(before);
    this.#remembered[at] = encoded;
    this.#at = at + 1;
    return encoded;
  }

  /** Forgets what is shared and uses the memory again, if no write under way needs it. */
  endFlush(): void {
    for (const encoded of this.#remembered) forget(encoded);
    this.#remembered.length = 0;
    this.#at = 0;
    this.#short.startOver();
    this.#long.startOver();
  }

  #encode(frame: PendingFrame): Uint8Array[] {
    const { spans, runBytes, hasHash } = frame;
    const isCopied = this.copies(frame);
    const most = (isCopied ? runBytes : 0) + maxFrameOverheadBytes;
    const scratch = most > shortSlabBytes ? this.#long : this.#short;
    const start = scratch.reserve(most);
    this.#lastSlab = scratch.slab;
    const { bytes } = scratch.slab;
    const headEnd = writeFrameHead(bytes, start, runBytes, hasHash);
    const hashAt = isCopied ? frame.copyTo(bytes, headEnd) : headEnd;
    const crc = hasHash ? crc32Short(bytes, start, headEnd, frame.hopCrc) : 0;
    const end = hasHash ? writeHash(bytes, hashAt, crc) : hashAt;
    if (isCopied) return [bytes.subarray(start, end)];
    const chunks = [bytes.subarray(start, headEnd)];
    for (const span of spans) chunks.push(span.slab.bytes.subarray(span.start, span.end));
    if (hasHash) chunks.push(bytes.subarray(end - frameHashBytes, end));
    return chunks;
  }
}

function forget({ frame, slab }: Encoded): void {
  frame.release();
  slab.release();
}

/** Memory that is filled from the start again after each flush. */
class Scratch {
  slab: Slab;
  readonly #pool: SlabPool;
  #used = 0;

  constructor(pool: SlabPool) {
    this.#pool = pool;
    this.slab = pool.take();
  }

  /** Where `bytes` find room. */
  reserve(bytes: number): number {
    if (this.#used + bytes > this.slab.bytes.length) {
      this.slab.release();
      this.slab = this.#pool.take();
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += bytes;
    return at;
  }

  /** Unless a write under way needs what is in it: then it goes on behind that. */
  startOver(): void {
    if (this.slab.isHeldOnce) this.#used = 0;
  }
}
