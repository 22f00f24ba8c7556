import type { Slab } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import type { FrameEncoder } from "./frame-encoder.ts";
import type { HeldRun } from "./held-runs.ts";
import { FrameLane } from "./frame-lane.ts";
import type { FramePool } from "./frame-pool.ts";
import type { PendingFrame } from "./pending-frame.ts";

/** What one write gathers at most; more gains nothing. */
const maxWriteBytes = 262_144;
/**
 * The same after a write that the link could not take at once: its end shows that there is progress, and a
 * thousand stuck sessions have a thousand such writes under way.
 */
const maxSlowWriteBytes = 16_384;

/** Bytes that may wait in a session's queue, and the marks at which its users are told. */
export interface QueueLimits {
  /** Live runs that would go beyond it are dropped. Default: 1 MiB. */
  readonly maxBytes: number;
  /** Above it, publishers are asked to wait. Default: half of `maxBytes`. */
  readonly highBytes: number;
  /** Below it, they may go on. Default: an eighth of `maxBytes`. */
  readonly lowBytes: number;
}

/** The marks for a queue of `maxBytes`. */
export function queueLimits(maxBytes: number): QueueLimits {
  return { maxBytes, highBytes: maxBytes / 2, lowBytes: maxBytes / 8 };
}

/**
 * What waits for what: runs of class `control` (credit, refusals) overtake all others; `interactive` is
 * everything else that there is today. First in, first out within a class.
 */
export type SendClass = "control" | "interactive";

/** What a session has to send. */
export class SendQueue {
  readonly limits: QueueLimits;
  /** What waits here costs this many bytes; a write under way included. */
  chargedBytes = 0;
  /** Whether it went above the high mark and has not been below the low one since. */
  isHigh = false;
  /** Whether it is in the outbox's list of queues to flush. */
  isDirty = false;
  /** Whether the link still reads from memory of the last write. */
  isBlocked = false;
  /** Counts the writes that the link took. */
  writes = 0;
  /** Bytes of answers to what the neighbour asked that wait here. */
  answerBytes = 0;

  #hasHash = true;
  readonly #link: Link;
  readonly #onLow: () => void;
  readonly #pool: FramePool;
  readonly #control: FrameLane;
  readonly #interactive: FrameLane;
  #inFlight: Slab[] = [];
  #inFlightBytes = 0;
  /** The tick of the oldest of what is being written. */
  #inFlightTick = 0;
  #maxWriteBytes = maxWriteBytes;
  #isClosed = false;

  /** `pool` is the node's. `onLow` is called when the queue was high and is low again. */
  constructor(link: Link, limits: QueueLimits, pool: FramePool, onLow: () => void) {
    this.#link = link;
    this.limits = limits;
    this.#pool = pool;
    this.#control = new FrameLane(pool);
    this.#interactive = new FrameLane(pool);
    this.#onLow = onLow;
  }

  /** Whether nothing waits and nothing is being written. */
  get isEmpty(): boolean {
    return this.#hasNothing && !this.isBlocked;
  }

  /** The tick of the oldest that waits or is being written; infinity if there is nothing from before this tick. */
  get sinceTick(): number {
    const waiting = Math.min(this.#control.sinceTick, this.#interactive.sinceTick);
    return this.isBlocked ? Math.min(this.#inFlightTick, waiting) : waiting;
  }

  get #hasNothing(): boolean {
    return this.#interactive.length === 0 && this.#control.length === 0;
  }

  /** Whether a live run of `bytes` more would be dropped. One that is alone always finds room. */
  isFullFor(bytes: number): boolean {
    return this.chargedBytes + bytes > this.limits.maxBytes && this.chargedBytes > 0;
  }

  /** Whether frames end with a hash, from the next run on; those that wait already stay as they are. */
  useHash(hasHash: boolean): void {
    this.#hasHash = hasHash;
    for (const { last } of [this.#control, this.#interactive])
      if (last !== undefined) last.isComplete = true;
  }

  /** The control run of that class that was added last answers the neighbour. */
  noteAnswer(bytes: number, sendClass: SendClass): void {
    const { last } = this.#laneOf(sendClass);
    if (last === undefined) return;
    last.answerBytes += bytes;
    this.answerBytes += bytes;
  }

  addRun(run: EncodedRun): void {
    this.#charge(this.#interactive.addRun(run, this.#hasHash));
  }

  addControl(slab: Slab, start: number, end: number, sendClass: SendClass = "interactive"): void {
    this.#charge(this.#laneOf(sendClass).addControl(slab, start, end, this.#hasHash));
  }

  /** Queues a run that was held back. */
  addHeld(run: HeldRun): void {
    this.#charge(this.#interactive.addHeld(run, this.#hasHash));
  }

  #laneOf(sendClass: SendClass): FrameLane {
    return sendClass === "control" ? this.#control : this.#interactive;
  }

  #charge(bytes: number): void {
    this.chargedBytes += bytes;
    if (this.chargedBytes > this.limits.highBytes) this.isHigh = true;
  }

  /**
   * Writes as much as the link takes. What it does not take still refers to this tick's memory. Returns
   * whether the queue was high and is low again; `tellLow` is then to be called. `tick` is the present one.
   */
  flush(encoder: FrameEncoder, tick: number): boolean {
    while (!this.isBlocked && !this.#hasNothing && !this.#isClosed) this.#writeSome(encoder, tick);
    // What came after the end is forgotten here, not on the way in.
    if (this.#isClosed) {
      this.close();
      return false;
    }
    if (!this.isHigh || this.chargedBytes > this.limits.lowBytes) return false;
    this.isHigh = false;
    return true;
  }

  tellLow(): void {
    this.#onLow();
  }

  #writeSome(encoder: FrameEncoder, tick: number): void {
    const chunks: Uint8Array[] = [];
    const slabs: Slab[] = [];
    const sent = this.#gather(encoder, chunks, slabs);
    // Blocked while it writes: a link may say `written`, or end, before its `write` returns.
    this.isBlocked = true;
    this.#maxWriteBytes = maxSlowWriteBytes;
    const isTaken = this.#link.write(chunks) || !this.isBlocked;
    if (isTaken || this.#isClosed) {
      this.isBlocked = false;
      this.writes++;
      this.#maxWriteBytes = maxWriteBytes;
      for (const slab of slabs) slab.release();
      for (const frame of sent) {
        if (!this.#isClosed) this.#discharge(frame);
        this.#letGo(frame);
      }
      return;
    }
    this.#inFlightTick = tick;
    for (const frame of sent) {
      if (frame.isRetained) this.#inFlightTick = Math.min(this.#inFlightTick, frame.tick);
      this.answerBytes -= frame.answerBytes;
      this.#inFlightBytes += frame.chargedBytes;
      // The link needs the memory of the frame only where it was not copied, and the frame itself never.
      if (!encoder.copies(frame)) {
        frame.hold();
        for (const span of frame.spans) slabs.push(span.slab);
      }
      this.#letGo(frame);
    }
    this.#inFlight = slabs;
  }

  /** The frame has left this queue. */
  #letGo(frame: PendingFrame): void {
    if (frame.isRetained) frame.release();
    else this.#pool.give(frame);
  }

  #discharge(frame: PendingFrame): void {
    this.chargedBytes -= frame.chargedBytes;
    this.answerBytes -= frame.answerBytes;
  }

  /** Takes and encodes frames until one write is full. */
  #gather(encoder: FrameEncoder, chunks: Uint8Array[], slabs: Slab[]): PendingFrame[] {
    const sent: PendingFrame[] = [];
    let bytes = 0;
    do {
      const frame = this.#control.take() ?? this.#interactive.take();
      if (frame === undefined) break;
      encoder.encode(frame, chunks);
      encoder.slab.hold();
      slabs.push(encoder.slab);
      sent.push(frame);
      bytes += frame.runBytes;
    } while (!this.#link.isMessageBased && bytes < this.#maxWriteBytes);
    return sent;
  }

  /** The link is done with the memory of the last write. */
  written(): void {
    for (const slab of this.#inFlight) slab.release();
    this.#inFlight = [];
    this.writes++;
    this.chargedBytes -= this.#inFlightBytes;
    this.#inFlightBytes = 0;
    this.isBlocked = false;
  }

  /** What could not be written stays, as what `keep` makes of it: without this tick's memory. */
  retain(keep: (frame: PendingFrame) => PendingFrame): void {
    this.#charge(this.#control.retain(keep) + this.#interactive.retain(keep));
  }

  /** Forgets everything; returns how many messages waited, those under way not counted. */
  close(): number {
    this.#isClosed = true;
    this.isHigh = false;
    const messages = this.#control.clear() + this.#interactive.clear();
    if (this.isBlocked) this.written();
    this.chargedBytes = 0;
    this.answerBytes = 0;
    return messages;
  }
}
