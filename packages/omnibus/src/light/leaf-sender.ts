import { OmnibusError } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import { encodeGap, type QueueLimits } from "../session/index.ts";
import {
  type Address,
  gapType,
  maxAliasRunBytes,
  maxHopHeaderBytes,
  maxVarintBytes,
  scopeWaitFlag,
  writeAliasRun,
  writeControlHeader,
  writeOwnHeader,
} from "../wire/index.ts";
import { FrameQueue, type QueuedRun } from "./frame-queue.ts";
import { NumberBook } from "./number-book.ts";
import { type GatheredRun, type GatheringHost, RunGatherer } from "./run-gatherer.ts";

/** The server may hold back so many topics at once. [WIRE-10.1] */
const maxHeld = 10_000;
/** The server is told what was dropped of so many topics; of others it is counted here only. */
const maxMissed = 10_000;
/** What is to go out so soon after a flush waits for the end of the tick: more is likely to come. */
const busyMs = 0.05;
const nothing = new Uint8Array(0);

/** What a sender needs of the bus. */
export interface SenderHost extends GatheringHost {
  readonly limits: QueueLimits;
  /** Messages of a topic found no room, or the server would not take a run of that size. */
  dropped(topic: string, messages: number, isOversized: boolean): void;
  /** Publishers may go on. */
  relieved(): void;
}

/** The sending half of a leaf's session: runs, aliases, back-pressure and what happens at a full queue. */
export class LeafSender {
  readonly queue: FrameQueue;
  /** Records on their way into a run. */
  readonly gatherer: RunGatherer;
  /** Runs of more bytes are dropped: the server takes no frame that large. */
  maxRunBytes: number = Number.POSITIVE_INFINITY;
  readonly #host: SenderHost;
  readonly #numbers = new NumberBook();
  readonly #held = new Map<string, GatheredRun[]>();
  readonly #missed = new Map<string, number>();
  #heldBytes = 0;
  #isHigh = false;
  #isStalled = false;
  #isScheduled = false;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #lastWrites = 0;
  #progressMs: number;

  constructor(link: Link, host: SenderHost) {
    this.queue = new FrameQueue(link);
    this.gatherer = new RunGatherer(host, (run) => this.#send(run));
    this.#host = host;
    this.#progressMs = host.clock.nowMs();
  }

  /** Whether publishers should wait with messages of that address. */
  isHigh({ name }: Pick<Address, "name">): boolean {
    return this.#isHigh || this.#held.has(name);
  }

  /** Queues a run that is no message, behind what was published before it was said if it is not urgent. */
  control(type: number, content: Uint8Array, isUrgent = false): void {
    if (!isUrgent) this.gatherer.close();
    const head = new Uint8Array(1 + maxVarintBytes + content.length);
    const at = writeControlHeader(head, 0, type, content.length);
    head.set(content, at);
    this.#add(
      { head: head.subarray(0, at + content.length), body: nothing, messages: 0 },
      isUrgent,
    );
  }

  #add(run: QueuedRun, isUrgent = false): void {
    this.queue.add(run, isUrgent);
    this.schedule();
  }

  /** Queues the run, or drops it if there is no room. */
  #send(run: GatheredRun): void {
    const { topic, body, messages } = run;
    const { maxBytes } = this.#host.limits;
    const bytes = body.length + maxHopHeaderBytes;
    const held = this.#held.get(topic);
    const missed = this.#missed.get(topic);
    const isFull = (used: number, most: number): boolean => used > 0 && used + bytes > most;
    const isOver =
      isFull(this.queue.bytes + this.#heldBytes, maxBytes) ||
      (held !== undefined && isFull(this.#heldBytes, maxBytes / 2));
    const mayDrop = (run.scope & scopeWaitFlag) === 0 || this.#isStalled;
    const isOversized = bytes > this.maxRunBytes;
    if (isOversized || (mayDrop && isOver)) {
      if (missed !== undefined || this.#missed.size < maxMissed)
        this.#missed.set(topic, (missed ?? 0) + messages);
      this.#host.dropped(topic, messages, isOversized);
      return;
    }
    if (missed !== undefined) {
      // Told before the next message, and now: later it would come behind a run that is held. [WIRE-10.3]
      this.#missed.delete(topic);
      this.control(gapType, encodeGap(this.#number(topic), missed));
    }
    if (held === undefined) return this.#enqueue(run);
    held.push(run);
    this.#heldBytes += body.length;
  }

  #number(topic: string): number {
    return this.#numbers.of(topic, (address) => {
      const bytes = new Uint8Array(maxAliasRunBytes);
      const end = writeAliasRun(bytes, 0, address);
      this.#add({ head: bytes.slice(0, end), body: nothing, messages: 0 });
    }).number;
  }

  /** The number is given as late as here, so that what is held back keeps none in use. */
  #enqueue({ topic, scope: scopeByte, messages, body }: GatheredRun): void {
    const bytes = new Uint8Array(maxHopHeaderBytes);
    const end = writeOwnHeader(bytes, this.#number(topic), scopeByte, body.length);
    this.#add({ head: bytes.subarray(0, end), body, messages });
    if (this.queue.bytes > this.#host.limits.highBytes) this.#isHigh = true;
  }

  /** The server wants no runs of that topic for now. Throws `too-many`. */
  hold(topic: string): void {
    if (this.#held.has(topic)) return;
    if (this.#held.size >= maxHeld)
      throw new OmnibusError("too-many", `the server holds back more than ${maxHeld} topics`);
    this.gatherer.close();
    this.#held.set(topic, []);
  }

  /** The server wants runs of that topic again: what waited goes out in order. */
  letGo(topic: string): void {
    const waiting = this.#held.get(topic) ?? [];
    this.gatherer.close();
    this.#held.delete(topic);
    for (const run of waiting) {
      this.#heldBytes -= run.body.length;
      this.#enqueue(run);
    }
  }

  /** Makes sure that what waits goes out soon. */
  schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const { clock } = this.#host;
    const flush = (): void => {
      this.#isScheduled = false;
      this.flush();
    };
    const nowMs = clock.nowMs();
    if (nowMs - this.#lastFlushMs < busyMs) return clock.atTickEnd(flush);
    this.#lastFlushMs = nowMs;
    clock.soon(flush);
  }

  /** Writes as much as the link takes. */
  flush(): void {
    this.gatherer.close();
    this.queue.flush();
    if (!this.#isHigh || this.queue.bytes > this.#host.limits.lowBytes) return;
    this.#isHigh = false;
    this.#host.relieved();
  }

  /**
   * Notes whether the server has taken nothing for `stallMs` although something waits for it: then what
   * finds no room is dropped, whatever its publisher said.
   */
  checkStall(nowMs: number, stallMs: number): void {
    const { writes, isBlocked } = this.queue;
    if (writes !== this.#lastWrites || !isBlocked) this.pardon(nowMs);
    this.#lastWrites = writes;
    this.#isStalled = nowMs - this.#progressMs >= stallMs;
  }

  /** We did not look for a while: a stall is counted from now on. */
  pardon(nowMs: number): void {
    this.#progressMs = nowMs;
  }

  /** Forgets what waits; returns how many messages that were. */
  close(): number {
    this.gatherer.close();
    let lost = this.queue.close();
    for (const runs of this.#held.values()) for (const run of runs) lost += run.messages;
    this.#held.clear();
    this.#heldBytes = 0;
    this.#isHigh = false;
    return lost;
  }
}
