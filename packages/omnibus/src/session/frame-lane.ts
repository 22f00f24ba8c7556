import type { EncodedRun } from "./encoded-run.ts";
import type { HeldRun } from "./held-runs.ts";
import type { FramePool } from "./frame-pool.ts";
import type { PendingFrame } from "./pending-frame.ts";
import type { Slab } from "../base/index.ts";
import { maxFrameOverheadBytes } from "../wire/index.ts";

/** A frame is sent once it has this many bytes of runs. It fits into a slab of the encoder. */
const frameTargetBytes = 65_536 - 2 * maxFrameOverheadBytes;

/** Frames of one class that wait for one session: first in, first out. */
export class FrameLane {
  readonly #pool: FramePool;
  readonly #frames: PendingFrame[] = [];
  #firstVolatile = 0;

  constructor(pool: FramePool) {
    this.#pool = pool;
  }

  get length(): number {
    return this.#frames.length;
  }

  /** The frame that was added to last. */
  get last(): PendingFrame | undefined {
    return this.#frames.at(-1);
  }

  /** The tick of the oldest frame; infinity if there is none that is older than the present one. */
  get sinceTick(): number {
    const first = this.#frames[0];
    return first?.isRetained === true ? first.tick : Number.POSITIVE_INFINITY;
  }

  /** Each returns what the lane costs more. */
  addRun(run: EncodedRun, hasHash: boolean): number {
    const frame = this.#frameFor(run.byteLength, hasHash);
    const before = frame.chargedBytes;
    frame.addRun(run);
    return frame.chargedBytes - before;
  }

  addControl(slab: Slab, start: number, end: number, hasHash: boolean): number {
    this.#frameFor(end - start, hasHash).addControl(slab, start, end);
    return end - start;
  }

  addHeld(run: HeldRun, hasHash: boolean): number {
    this.#frameFor(run.end, hasHash).addHeld(run);
    return run.end;
  }

  #frameFor(bytes: number, hasHash: boolean): PendingFrame {
    const last = this.#frames.at(-1);
    if (last !== undefined && !last.isComplete && last.runBytes + bytes <= frameTargetBytes)
      return last;
    const frame = this.#pool.take(hasHash);
    this.#frames.push(frame);
    return frame;
  }

  /** The oldest frame, which leaves the lane; undefined if it is empty. */
  take(): PendingFrame | undefined {
    if (this.#firstVolatile > 0) this.#firstVolatile--;
    return this.#frames.shift();
  }

  /**
   * Puts what `keep` makes of them in the place of the frames that refer to this tick's memory. Returns what
   * the lane costs more.
   */
  retain(keep: (frame: PendingFrame) => PendingFrame): number {
    const frames = this.#frames;
    let more = 0;
    for (; this.#firstVolatile < frames.length; this.#firstVolatile++) {
      const frame = frames[this.#firstVolatile] as PendingFrame;
      const before = frame.chargedBytes;
      const kept = keep(frame);
      frames[this.#firstVolatile] = kept;
      if (kept !== frame) this.#pool.give(frame);
      more += kept.chargedBytes - before;
    }
    return more;
  }

  /** Forgets everything; returns how many messages waited. */
  clear(): number {
    let messages = 0;
    for (const frame of this.#frames) {
      messages += frame.messages;
      if (frame.isRetained) frame.release();
    }
    this.#frames.length = 0;
    this.#firstVolatile = 0;
    return messages;
  }
}
