import { type Clock, Slab, SlabPool } from "../base/index.ts";
import {
  type Address,
  AddressList,
  listedBytes,
  markUsed,
  maxAliasRunBytes,
  maxHopHeaderBytes,
  type MessageHeader,
  peekRecordCount,
  scopeWaitFlag,
  writeAliasRun,
  writeControlHeader,
  writeMessageHeader,
} from "../wire/index.ts";
import { EncodedRun } from "./encoded-run.ts";
import { FramePool } from "./frame-pool.ts";
import { FrameEncoder } from "./frame-encoder.ts";
import type { PendingFrame } from "./pending-frame.ts";
import type { SendClass, SendQueue } from "./send-queue.ts";

/** Bodies of this size and more are sent from where they are; smaller ones are copied. */
const referenceBytes = 2048;
/** Bytes of the memory that the runs of one tick are gathered in. */
export const spoolBytes = 65_536;
/** What is to go out so soon after a flush waits for the end of the tick: more is likely to come. */
const busyMs = 0.05;
/** How many different frames of a tick are remembered so that others can share what was retained. */
const maxTwins = 8;
/** A byte loop beats a call below this. */
const loopBytes = 32;

/**
 * Where a node gathers what it sends. Every run is encoded once, whatever the number of sessions that
 * it goes to; sessions queue pieces of this memory and write them when the tick ends, or when the
 * spool is full. What a session could not write by then is retained outside the spool.
 */
export class Outbox {
  /** Frames that wait in queues are taken from here. */
  readonly frames: FramePool = new FramePool();
  /** Where the records of the run for several go that is being handled now. */
  readonly arrivedList: AddressList = new AddressList();
  /** A run that is being built at the end of the spool; closed before anything else is put there. */
  builder: { close(): void } | undefined = undefined;
  /** The run that was encoded last. */
  readonly run: EncodedRun;
  readonly #clock: Clock;
  readonly #pool: SlabPool;
  readonly #encoder: FrameEncoder;
  #spool: Slab;
  #used = 0;
  readonly #dirty: SendQueue[] = [];
  readonly #low: SendQueue[] = [];
  #hasReferences = false;
  #isFlushing = false;
  /** Memory that was full before the flush under way is over. */
  readonly #fullSpools: Slab[] = [];
  /** Whether a flush is certain to come. */
  #isScheduled = false;
  #isReading = false;
  #isDueAfterRead = false;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #tick = 1;
  readonly #flushScheduled = (): void => {
    this.#isScheduled = false;
    this.flush();
  };
  /** What was retained of this tick: what it was, and what it is now. */
  readonly #retained: { content: PendingFrame; frame: PendingFrame }[] = [];

  constructor(clock: Clock, pool: SlabPool = new SlabPool(spoolBytes, 64)) {
    this.#clock = clock;
    this.#pool = pool;
    this.#encoder = new FrameEncoder(pool);
    this.#spool = pool.take();
    this.run = new EncodedRun(this.#spool);
  }

  /** Encodes a message run whose body is in `slab.bytes[bodyStart, bodyEnd)`; the result is `run`. */
  encodeRun(
    to: Address,
    header: MessageHeader,
    slab: Slab,
    bodyStart: number,
    bodyEnd: number,
  ): EncodedRun {
    const run = this.#encode(header, slab, bodyStart, bodyEnd);
    run.address = to;
    run.list = undefined;
    to.lastUsedTick = this.#tick;
    return run;
  }

  /** The same for a run whose records go to the addresses in `header.list`. */
  encodeForSeveral(
    header: MessageHeader & { readonly list: AddressList },
    slab: Slab,
    bodyStart: number,
    bodyEnd: number,
  ): EncodedRun {
    const run = this.#encode(header, slab, bodyStart, bodyEnd);
    run.address = undefined;
    run.list = header.list;
    markUsed(header.list, this.#tick);
    return run;
  }

  #encode(header: MessageHeader, slab: Slab, bodyStart: number, bodyEnd: number): EncodedRun {
    const bodyBytes = bodyEnd - bodyStart;
    const isCopied = bodyBytes < referenceBytes;
    const listBytes = listedBytes * (header.list?.length ?? 0);
    const headerBytes = maxHopHeaderBytes + listBytes;
    let at = this.reserve(headerBytes + (isCopied ? bodyBytes : 0) + 2 * maxAliasRunBytes);
    const spool = this.#spool;
    const run = this.run;
    run.source = undefined;
    run.headerSlab = spool;
    run.headerStart = at;
    at = writeMessageHeader(spool.bytes, at, header, bodyBytes);
    run.headerEnd = at;
    if (isCopied) {
      copyBytes(slab.bytes, bodyStart, bodyEnd, spool.bytes, at);
      run.bodySlab = spool;
      run.bodyStart = at;
      run.bodyEnd = at += bodyBytes;
    } else {
      this.#refer(run, slab, bodyStart, bodyEnd);
    }
    this.#used = at;
    run.messages = peekRecordCount(slab.bytes, bodyStart, bodyEnd);
    run.scope = header.scope;
    run.isPatient = (header.scope & scopeWaitFlag) !== 0;
    run.crcBefore = -1;
    run.addressAlias.end = 0;
    run.sourceAlias.end = 0;
    return run;
  }

  #refer(run: EncodedRun, slab: Slab, start: number, end: number): void {
    const isLent = slab.mustCopy;
    run.bodySlab = isLent ? new Slab(slab.bytes.slice(start, end)) : slab;
    run.bodyStart = isLent ? 0 : start;
    run.bodyEnd = isLent ? end - start : end;
    this.#hasReferences ||= !isLent;
  }

  /** Queues a control run for one session. Goes out with the next flush. */
  control(queue: SendQueue, type: number, content: Uint8Array, sendClass?: SendClass): void {
    const most = content.length + 10;
    if (most > this.#spool.bytes.length) {
      const own = new Slab(new Uint8Array(most));
      const start = writeControlHeader(own.bytes, 0, type, content.length);
      own.bytes.set(content, start);
      queue.addControl(own, 0, start + content.length, sendClass);
    } else {
      const start = this.reserve(most);
      const at = writeControlHeader(this.#spool.bytes, start, type, content.length);
      this.#spool.bytes.set(content, at);
      this.#used = at + content.length;
      queue.addControl(this.#spool, start, this.#used, sendClass);
    }
    this.touch(queue);
  }

  /**
   * Queues a small control run (up to 32 bytes of content) while the run that was encoded last is being
   * queued: it must not flush.
   */
  controlBehindRun(queue: SendQueue, type: number, content: Uint8Array): void {
    const own = new Slab(new Uint8Array(content.length + 8));
    const start = writeControlHeader(own.bytes, 0, type, content.length);
    own.bytes.set(content, start);
    queue.addControl(own, 0, start + content.length);
  }

  /** Queues an alias run, which tells a neighbour the number of an address. [WIRE-7.2] */
  alias(queue: SendQueue, address: Address): void {
    const start = this.reserve(maxAliasRunBytes);
    this.#used = writeAliasRun(this.#spool.bytes, start, address);
    queue.addControl(this.#spool, start, this.#used);
    this.touch(queue);
  }

  /** The same for an address of the run that was encoded last; written once for all sessions. */
  aliasForRun(queue: SendQueue, address: Address): void {
    const run = this.run;
    const place = address === run.address ? run.addressAlias : run.sourceAlias;
    if (place.end === 0) {
      place.start = this.#used;
      place.end = this.#used = writeAliasRun(this.#spool.bytes, this.#used, address);
    }
    queue.addControl(this.#spool, place.start, place.end);
  }

  /** The memory that runs are gathered in; another one after each flush. */
  get spool(): Slab {
    return this.#spool;
  }

  /** Counts flushes. */
  get tick(): number {
    return this.#tick;
  }

  /** Room in the spool that a run being built may use, from `reserve` on. */
  get room(): number {
    return this.#spool.bytes.length - this.#used - 2 * maxAliasRunBytes;
  }

  /** Says that the spool is used up to `end`, by a run that was built in it. */
  commit(end: number): void {
    this.#used = end;
  }

  /** Makes sure that `bytes` fit behind the spool's used part, and returns its end. May flush. */
  reserve(bytes: number): number {
    this.builder?.close();
    if (this.#used + bytes > this.#spool.bytes.length) {
      this.flush();
      if (this.#used + bytes > this.#spool.bytes.length) this.#nextSpool();
    }
    return this.#used;
  }

  /** Goes on in other memory while a flush still needs this one. */
  #nextSpool(): void {
    this.#fullSpools.push(this.#spool);
    this.#spool = this.#pool.take();
    this.#used = 0;
  }

  /** Notes that a queue has something to write, and that a flush is due. */
  touch(queue: SendQueue): void {
    if (!queue.isDirty) {
      queue.isDirty = true;
      this.#dirty.push(queue);
    }
    this.schedule();
  }

  /**
   * Makes sure that what is gathered goes out: as soon as the present work is done if nothing went out just
   * before, else when the tick ends, with what comes until then.
   */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (this.#isReading) this.#isDueAfterRead = true;
    else if (this.#isQuiet(this.#clock.nowMs())) this.#clock.soon(this.#flushScheduled);
    else this.#clock.atTickEnd(this.#flushScheduled);
  }

  #isQuiet(nowMs: number): boolean {
    const isQuiet = nowMs - this.#lastFlushMs >= busyMs;
    if (isQuiet) this.#lastFlushMs = nowMs;
    return isQuiet;
  }

  /** A link is about to hand over what came: what that causes goes out when all of it was seen. */
  beginRead(): void {
    this.#isReading = true;
  }

  /** All was handed over, and the memory that it stands in is about to be used again. */
  endRead(nowMs: number): void {
    this.#isReading = false;
    const isDue = this.#isDueAfterRead;
    this.#isDueAfterRead = false;
    if (this.#hasReferences) this.flush();
    if (!isDue) return;
    if (this.#isQuiet(nowMs)) this.#flushScheduled();
    else this.#clock.atTickEnd(this.#flushScheduled);
  }

  /** Writes what all queues have, as far as their links take it, and retains the rest. */
  flush(): void {
    this.builder?.close();
    // A link that ends inside its `write` makes its owner queue more: the loop below takes that too.
    if (this.#isFlushing) return;
    const dirty = this.#dirty;
    if (dirty.length > 0) {
      this.#isFlushing = true;
      for (let n = 0; n < dirty.length; n++) this.#flushQueue(dirty[n] as SendQueue);
      dirty.length = 0;
      this.#encoder.endFlush();
      this.#retained.length = 0;
      this.frames.endFlush();
      if (this.#fullSpools.length > 0)
        for (const full of this.#fullSpools.splice(0)) full.release();
      this.#isFlushing = false;
    }
    this.#hasReferences = false;
    if (!this.#spool.isHeldOnce) {
      this.#spool.release();
      this.#spool = this.#pool.take();
    }
    this.#used = 0;
    this.#tick++;
    for (let queue = this.#low.pop(); queue !== undefined; queue = this.#low.pop()) queue.tellLow();
  }

  #flushQueue(queue: SendQueue): void {
    queue.isDirty = false;
    if (queue.flush(this.#encoder, this.#tick)) this.#low.push(queue);
    queue.retain(this.#keep);
  }

  /** Frames with the same content are one object from here on, whatever the number of sessions. */
  readonly #keep = (frame: PendingFrame): PendingFrame => {
    const twin = this.#retained.find(({ content }) => content.isSameAs(frame));
    if (twin !== undefined && twin.frame.isAsGoodAs(frame)) {
      twin.frame.hold();
      return twin.frame;
    }
    const content = frame.snapshot();
    frame.retain(twin?.frame.spans, this.#tick);
    this.#retained.push({ content, frame });
    if (this.#retained.length > maxTwins) this.#retained.shift();
    return frame;
  };
}

function copyBytes(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start > loopBytes) {
    to.set(from.subarray(start, end), at);
    return;
  }
  while (start < end) to[at++] = from[start++] as number;
}
