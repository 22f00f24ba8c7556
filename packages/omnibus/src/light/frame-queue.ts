import { crc32Short } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import { frameHashBytes, maxFrameOverheadBytes, writeFrameHead, writeHash } from "../wire/index.ts";

/** Runs are put into one frame up to so many bytes; a larger one has a frame to itself. [WIRE-2.5] */
const frameBytes = 60_000;

/** A run that waits to be sent. */
export interface QueuedRun {
  /** What goes into the hash of its frame: the hop header, or all of what is no message. [WIRE-2.3] */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** Messages in it. */
  readonly messages: number;
}

/** Whole runs on their way into frames and over the one link of a leaf. */
export class FrameQueue {
  /** Bytes that wait, those that the link still reads from included. */
  bytes = 0;
  /** So many of the runs, the first, are urgent. */
  urgent = 0;
  hasHash = true;
  /** Whether the link still reads from the last write. */
  isBlocked = false;
  /** Counts the writes that the link took. */
  writes = 0;
  readonly #link: Link;
  #runs: QueuedRun[] = [];
  #inFlightBytes = 0;
  #isClosed = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0 && !this.isBlocked;
  }

  /** Adds a run; an urgent one overtakes those that are not. [WIRE-10.1] */
  add(run: QueuedRun, isUrgent = false): void {
    if (this.#isClosed) return;
    if (isUrgent) this.#runs.splice(this.urgent++, 0, run);
    else this.#runs.push(run);
    this.bytes += lengthOf(run);
  }

  /** Writes as much as the link takes. */
  flush(): void {
    while (!this.isBlocked && this.#runs.length > 0) {
      let count = 0;
      let bytes = 0;
      for (const run of this.#runs) {
        const more = bytes + lengthOf(run);
        if (count > 0 && more > frameBytes) break;
        bytes = more;
        count++;
      }
      this.urgent = Math.max(0, this.urgent - count);
      // Blocked while it writes: a link may say `written`, or end, before its `write` returns.
      this.isBlocked = true;
      this.#inFlightBytes = bytes;
      const isTaken = this.#link.write([this.#frame(this.#runs.splice(0, count), bytes)]);
      if (isTaken && this.isBlocked) this.written();
    }
  }

  #frame(runs: readonly QueuedRun[], runBytes: number): Uint8Array {
    const { hasHash } = this;
    const frame = new Uint8Array(maxFrameOverheadBytes + runBytes);
    const headEnd = writeFrameHead(frame, 0, runBytes, hasHash);
    let at = headEnd;
    let crc = 0;
    for (const { head, body } of runs) {
      if (hasHash) crc = crc32Short(head, 0, head.length, crc);
      frame.set(head, at);
      frame.set(body, at + head.length);
      at += head.length + body.length;
    }
    if (hasHash) writeHash(frame, at, crc32Short(frame, 0, headEnd, crc));
    return frame.subarray(0, at + (hasHash ? frameHashBytes : 0));
  }

  /** The link is done with the last write. */
  written(): void {
    this.isBlocked = false;
    this.writes++;
    this.bytes -= this.#inFlightBytes;
    this.#inFlightBytes = 0;
  }

  /** Forgets everything; returns how many messages waited, those under way not counted. */
  close(): number {
    const messages = this.#runs.reduce((sum, run) => sum + run.messages, 0);
    this.#isClosed = true;
    this.isBlocked = false;
    this.#inFlightBytes = 0;
    this.#runs = [];
    this.bytes = 0;
    return messages;
  }
}

function lengthOf({ head, body }: QueuedRun): number {
  return head.length + body.length;
}
