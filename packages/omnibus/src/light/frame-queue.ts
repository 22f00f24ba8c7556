import { crc32Short } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import {
  frameHashBytes,
  maxFrameOverheadBytes,
  maxVarintBytes,
  writeControlHeader,
  writeFrameHead,
  writeHash,
} from "../wire/index.ts";

/** Runs are put into one frame up to so many bytes; a larger one has a frame to itself. [WIRE-2.5] */
const frameBytes = 60_000;
const nothing = new Uint8Array(0);

/** A run that waits to be sent. */
export interface QueuedRun {
  /** What goes into the hash of its frame: the hop header, or all of what is no message. [WIRE-2.3] */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  /** Messages in it. */
  readonly messages: number;
  /** Whether it answers something that the server asked. */
  readonly isAnswer: boolean;
}

/** What a run that is no message is besides: first in the queue, or an answer to the server. */
export type ControlClass = "urgent" | "answer";

/** A run that is no message. */
export function controlRun(type: number, content: Uint8Array, as?: ControlClass): QueuedRun {
  const head = new Uint8Array(1 + maxVarintBytes + content.length);
  const at = writeControlHeader(head, 0, type, content.length);
  head.set(content, at);
  return {
    head: head.subarray(0, at + content.length),
    body: nothing,
    messages: 0,
    isAnswer: as === "answer",
  };
}

/** Whole runs on their way into frames and over the one link of a leaf. */
export class FrameQueue {
  /** Bytes that wait, those that the link still reads from included. */
  bytes = 0;
  /** Those of answers among them. */
  answerBytes = 0;
  hasHash = true;
  /** Whether the link still reads from the last write. */
  isBlocked = false;
  /** Counts the writes that the link took. */
  writes = 0;
  readonly #link: Link;
  #runs: QueuedRun[] = [];
  /** So many of them, the first, are urgent. */
  #urgent = 0;
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
    if (isUrgent) this.#runs.splice(this.#urgent++, 0, run);
    else this.#runs.push(run);
    this.bytes += lengthOf(run);
    if (run.isAnswer) this.answerBytes += lengthOf(run);
  }

  /** Writes as much as the link takes. */
  flush(): void {
    while (!this.isBlocked && this.#runs.length > 0) {
      let count = 0;
      let runBytes = 0;
      for (const run of this.#runs) {
        if (count > 0 && runBytes + lengthOf(run) > frameBytes) break;
        runBytes += lengthOf(run);
        if (run.isAnswer) this.answerBytes -= lengthOf(run);
        count++;
      }
      this.#urgent = Math.max(0, this.#urgent - count);
      // Blocked while it writes: a link may say `written`, or end, before its `write` returns.
      this.isBlocked = true;
      this.#inFlightBytes = runBytes;
      const isTaken = this.#link.write([this.#frame(this.#runs.splice(0, count), runBytes)]);
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
    this.answerBytes = 0;
    return messages;
  }
}

function lengthOf({ head, body }: QueuedRun): number {
  return head.length + body.length;
}
