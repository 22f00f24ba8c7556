import { crc32Short, type Slab, SlabPool } from "../base/index.ts";
import { frameHashBytes, maxFrameOverheadBytes, writeFrameHead, writeHash } from "../wire/index.ts";
import type { PendingFrame } from "./pending-frame.ts";

/** Frames up to this size are copied into one piece: one short write beats gathering. */
const copyBelowBytes = 4096;
/** Frames whose pieces are shorter than this on average are copied as well. */
const copyBelowSpanBytes = 1024;
/** Memory for short frames and for what stands around long ones: all that a stuck write of those pins. */
const shortSlabBytes = 8192;

/**
 * Turns pending frames into pieces of memory to write. Sessions that send the same bytes share the
 * work: the last frame's pieces are kept until the flush is over.
 */
export class FrameEncoder {
  readonly #short: Scratch;
  readonly #long: Scratch;
  #lastFrame: PendingFrame | undefined;
  #lastChunks: Uint8Array[] = [];
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
    const last = this.#lastFrame;
    if (last === undefined || last.hasHash !== frame.hasHash || !last.isSameAs(frame)) {
      this.#lastChunks = this.#encode(frame);
      this.#lastFrame = frame;
    }
    for (const chunk of this.#lastChunks) chunks.push(chunk);
  }

  /** Forgets what is shared and uses the memory again, if no write under way needs it. */
  endFlush(): void {
    this.#lastFrame = undefined;
    this.#lastChunks = [];
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
