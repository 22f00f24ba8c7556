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

/** A run that waits to be sent. */
export interface QueuedRun {
  readonly bytes: Uint8Array;
  /** So much from its beginning goes into the hash of its frame. [WIRE-2.3] */
  readonly hashedBytes: number;
  /** Messages in it. */
  readonly messages: number;
  /** Whether it answers something that the server asked. */
  readonly isAnswer: boolean;
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
  #urgent: QueuedRun[] = [];
  #inFlightBytes = 0;
  #isClosed = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get isEmpty(): boolean {
    return this.#runs.length + this.#urgent.length === 0 && !this.isBlocked;
  }

  /** Adds a run; an urgent one overtakes those that are not. [WIRE-10.1] */
  add(run: QueuedRun, isUrgent = false): void {
    if (this.#isClosed) return;
    (isUrgent ? this.#urgent : this.#runs).push(run);
    this.bytes += run.bytes.length;
    if (run.isAnswer) this.answerBytes += run.bytes.length;
  }

  /** Adds a run that is no message. */
  control(
    type: number,
    content: Uint8Array,
    { isUrgent = false, isAnswer = false }: { isUrgent?: boolean; isAnswer?: boolean } = {},
  ): void {
    const bytes = new Uint8Array(1 + maxVarintBytes + content.length);
    const at = writeControlHeader(bytes, 0, type, content.length);
    bytes.set(content, at);
    const end = at + content.length;
    this.add({ bytes: bytes.subarray(0, end), hashedBytes: end, messages: 0, isAnswer }, isUrgent);
  }

  /** Writes as much as the link takes. */
  flush(): void {
    while (!this.isBlocked && !this.#isClosed && !this.isEmpty) this.#write();
  }

  #write(): void {
    const sent: QueuedRun[] = [];
    let runBytes = 0;
    for (const lane of [this.#urgent, this.#runs]) {
      let count = 0;
      for (const run of lane) {
        if (sent.length > 0 && runBytes + run.bytes.length > frameBytes) break;
        sent.push(run);
        runBytes += run.bytes.length;
        count++;
      }
      lane.splice(0, count);
    }
    for (const { bytes, isAnswer } of sent) if (isAnswer) this.answerBytes -= bytes.length;
    // Blocked while it writes: a link may say `written`, or end, before its `write` returns.
    this.isBlocked = true;
    this.#inFlightBytes = runBytes;
    const isTaken = this.#link.write([this.#frame(sent, runBytes)]);
    if (isTaken && this.isBlocked) this.written();
  }

  #frame(runs: readonly QueuedRun[], runBytes: number): Uint8Array {
    const frame = new Uint8Array(maxFrameOverheadBytes + runBytes);
    const headEnd = writeFrameHead(frame, 0, runBytes, this.hasHash);
    let at = headEnd;
    let crc = 0;
    for (const { bytes, hashedBytes } of runs) {
      if (this.hasHash) crc = crc32Short(bytes, 0, hashedBytes, crc);
      frame.set(bytes, at);
      at += bytes.length;
    }
    if (this.hasHash) writeHash(frame, at, crc32Short(frame, 0, headEnd, crc));
    return frame.subarray(0, at + (this.hasHash ? frameHashBytes : 0));
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
    this.#isClosed = true;
    this.isBlocked = false;
    this.#inFlightBytes = 0;
    let messages = 0;
    for (const run of this.#runs) messages += run.messages;
    this.#runs = [];
    this.#urgent = [];
    this.bytes = 0;
    this.answerBytes = 0;
    return messages;
  }
}
