import { forgetSpans, PendingFrame } from "./pending-frame.ts";

/** So many are kept for the next tick; a fan-out to more makes new ones. */
const maxKept = 4096;

/**
 * The frames of one tick, used again in the next: a fan-out to a thousand sessions would otherwise leave a
 * thousand objects behind with every tick.
 */
export class FramePool {
  readonly #free: PendingFrame[] = [];
  readonly #given: PendingFrame[] = [];

  take(hasHash: boolean): PendingFrame {
    const frame = this.#free.pop() ?? new PendingFrame(hasHash);
    frame.hasHash = hasHash;
    return frame;
  }

  /** Nobody needs that frame after this flush. */
  give(frame: PendingFrame): void {
    this.#given.push(frame);
  }

  /** What was given can be used again. */
  endFlush(): void {
    const given = this.#given;
    for (let n = 0; n < given.length && this.#free.length < maxKept; n++) {
      const frame = given[n] as PendingFrame;
      frame.reset();
      this.#free.push(frame);
    }
    given.length = 0;
    forgetSpans();
  }
}
