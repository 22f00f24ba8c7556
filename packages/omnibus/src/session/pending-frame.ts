import { crc32Short, Slab } from "../base/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import type { HeldRun } from "./held-runs.ts";

/** Some bytes of a slab. Frames of many sessions share it, so it never changes. */
export class Span {
  readonly slab: Slab;
  readonly start: number;
  readonly end: number;

  constructor(slab: Slab, start: number, end: number) {
    this.slab = slab;
    this.start = start;
    this.end = end;
  }
}

/** The two pieces made last: in a fan-out, one session after the other needs a header and a body. */
let newer: Span | undefined;
let older: Span | undefined;

/** That piece; the same object for all who ask for it one after another. */
function spanOf(slab: Slab, start: number, end: number): Span {
  if (isSpan(newer, slab, start, end)) return newer;
  if (isSpan(older, slab, start, end)) return older;
  older = newer;
  newer = new Span(slab, start, end);
  return newer;
}

/** Keeps no memory from being collected or used again; no frame must need it. */
export function forgetSpans(): void {
  newer = undefined;
  older = undefined;
}

function isSpan(span: Span | undefined, slab: Slab, start: number, end: number): span is Span {
  return span?.start === start && span.end === end && span.slab === slab;
}

/** What a small retained buffer costs beside its bytes. */
const retainedOverheadBytes = 256;

/** What makes two frames the same: pieces of the same memory, in the same order. */
export interface FrameContent {
  readonly spans: readonly Span[];
  readonly runBytes: number;
  readonly hopCrc: number;
}

/** The runs of one frame that has not been sent yet, as pieces of memory that others own. */
export class PendingFrame implements FrameContent {
  spans: Span[] = [];
  runBytes = 0;
  /** CRC-32 of the hop headers so far. */
  hopCrc = 0;
  messages = 0;
  /** What it costs in memory while it waits. */
  chargedBytes = 0;
  /** Of these, bytes of answers to what the neighbour asked. */
  answerBytes = 0;
  /** Whether it holds its slabs itself, so that they outlive the tick. */
  isRetained = false;
  /** The tick that its runs were queued in; told when it is retained. */
  tick = 0;
  /** Whether nothing more may be added. */
  isComplete = false;
  /** Whether it ends with a hash. */
  hasHash: boolean;

  constructor(hasHash: boolean) {
    this.hasHash = hasHash;
  }

  /** Is empty again, as if new. */
  reset(): void {
    // Not `length = 0`, which gives the array's memory away: the next `push` would take 150 bytes anew.
    while (this.spans.length > 0) this.spans.pop();
    this.runBytes = 0;
    this.hopCrc = 0;
    this.messages = 0;
    this.chargedBytes = 0;
    this.answerBytes = 0;
    this.isComplete = false;
  }

  /** Adds `slab.bytes[start, end)` without looking at them. */
  addBytes(slab: Slab, start: number, end: number): void {
    const { spans } = this;
    const at = spans.length - 1;
    const last = spans[at];
    if (last !== undefined && last.slab === slab && last.end === start)
      spans[at] = spanOf(slab, last.start, end);
    else spans.push(spanOf(slab, start, end));
    this.runBytes += end - start;
    this.chargedBytes += end - start;
  }

  /** Adds a run that is hashed whole: anything but a message. */
  addControl(slab: Slab, start: number, end: number): void {
    this.hopCrc = crc32Short(slab.bytes, start, end, this.hopCrc);
    this.addBytes(slab, start, end);
  }

  addHeld(run: HeldRun): void {
    this.hopCrc = crc32Short(run.slab.bytes, 0, run.headerEnd, this.hopCrc);
    this.addBytes(run.slab, 0, run.end);
    this.messages += run.messages;
  }

  addRun(run: EncodedRun): void {
    if (run.crcBefore !== this.hopCrc) {
      run.crcBefore = this.hopCrc;
      run.crcAfter = crc32Short(run.headerSlab.bytes, run.headerStart, run.headerEnd, this.hopCrc);
    }
    this.hopCrc = run.crcAfter;
    if (run.isContiguous) {
      this.addBytes(run.headerSlab, run.headerStart, run.bodyEnd);
    } else {
      this.addBytes(run.headerSlab, run.headerStart, run.headerEnd);
      this.addBytes(run.bodySlab, run.bodyStart, run.bodyEnd);
    }
    this.messages += run.messages;
  }

  /** Whether the other frame is made of the very same bytes in the same memory. */
  isSameAs(other: FrameContent): boolean {
    const spans = this.spans;
    if (this.runBytes !== other.runBytes || spans.length !== other.spans.length) return false;
    for (let n = 0; n < spans.length; n++) {
      const a = spans[n] as Span;
      const b = other.spans[n] as Span;
      if (a === b) continue;
      if (a.start !== b.start || a.end !== b.end || a.slab !== b.slab) return false;
    }
    return this.hopCrc === other.hopCrc;
  }

  /** Whether it can stand for a frame with the same content in another session's queue. */
  isAsGoodAs(other: PendingFrame): boolean {
    return (
      this.hasHash === other.hasHash &&
      this.messages === other.messages &&
      this.answerBytes === 0 &&
      other.answerBytes === 0
    );
  }

  /** A frame with the same content, unchanged by what happens to this one. */
  snapshot(): PendingFrame {
    const copy = new PendingFrame(this.hasHash);
    copy.spans = this.spans;
    copy.runBytes = this.runBytes;
    copy.hopCrc = this.hopCrc;
    return copy;
  }

  hold(): void {
    for (const span of this.spans) span.slab.hold();
  }

  release(): void {
    for (const span of this.spans) span.slab.release();
  }

  /** Copies the bytes of all spans to `at`; returns the offset after them. */
  copyTo(bytes: Uint8Array, at: number): number {
    for (const { slab, start, end } of this.spans) {
      bytes.set(slab.bytes.subarray(start, end), at);
      at += end - start;
    }
    return at;
  }

  /**
   * Makes the frame independent of this tick's memory: a slab that is mostly this frame's is held,
   * other memory is copied. With `twin`, the pieces that a frame with the same content was given, no
   * copy is made. `tick` is that of its runs: a frame that can grow never outlives its tick.
   */
  retain(twin: Span[] | undefined, tick: number): void {
    if (twin !== undefined) {
      this.spans = twin;
    } else if (!this.#isMostlyOfOneSlab()) {
      const copy = new Uint8Array(this.runBytes);
      this.copyTo(copy, 0);
      this.spans = [new Span(new Slab(copy), 0, copy.length)];
    }
    const first = this.spans[0] as Span;
    this.chargedBytes = Math.max(first.slab.bytes.length, this.runBytes) + retainedOverheadBytes;
    this.hold();
    this.isRetained = true;
    this.tick = tick;
    this.isComplete = true;
  }

  #isMostlyOfOneSlab(): boolean {
    const first = this.spans[0] as Span;
    if (first.slab.mustCopy || this.runBytes * 2 < first.slab.bytes.length) return false;
    return this.spans.every((span) => span.slab === first.slab);
  }
}
