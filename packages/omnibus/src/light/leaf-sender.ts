import { type Clock, OmnibusError } from "../base/index.ts";
import type { Link } from "../link/index.ts";
import { encodeGap, type QueueLimits } from "../session/index.ts";
import {
  type Address,
  gapType,
  maxAliasRunBytes,
  maxHopHeaderBytes,
  scopeWaitFlag,
  writeAliasRun,
  writeOwnHeader,
} from "../wire/index.ts";
import { FrameQueue } from "./frame-queue.ts";
import { NumberBook } from "./number-book.ts";
import type { GatheredRun } from "./run-gatherer.ts";

/** The server may hold back so many topics at once. [WIRE-10.1] */
const maxHeld = 10_000;
/** The server is told what was dropped of so many topics; of others it is counted here only. */
const maxMissed = 10_000;
/** What is to go out so soon after a flush waits for the end of the tick: more is likely to come. */
const busyMs = 0.05;

/** What a sender tells its owner. */
export interface SenderOwner {
  /** Messages of a topic found no room, or the server would not take a run of that size. */
  dropped(topic: string, messages: number, isOversized: boolean): void;
  /** Publishers may go on. */
  relieved(): void;
}

/** The sending half of a leaf's session: aliases, back-pressure and what happens at a full queue. */
export class LeafSender {
  readonly queue: FrameQueue;
  /** Completes the run that is being gathered. */
  closeRun: () => void = () => undefined;
  /** Runs of more bytes are dropped: the server takes no frame that large. */
  maxRunBytes: number = Number.POSITIVE_INFINITY;
  /** Messages that still waited when the session ended. */
  lost = 0;
  readonly #clock: Clock;
  readonly #owner: SenderOwner;
  readonly #limits: QueueLimits;
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

  constructor(link: Link, clock: Clock, limits: QueueLimits, owner: SenderOwner) {
    this.queue = new FrameQueue(link);
    this.#clock = clock;
    this.#limits = limits;
    this.#owner = owner;
    this.#progressMs = clock.nowMs();
  }

  /** Whether publishers should wait with messages of that address. */
  isHigh({ name }: Pick<Address, "name">): boolean {
    return this.#isHigh || this.#held.has(name);
  }

  /** Queues the run, or drops it if there is no room. */
  send(run: GatheredRun): void {
    const { queue } = this;
    const bytes = run.body.length + maxHopHeaderBytes;
    const isOversized = bytes > this.maxRunBytes;
    const mayDrop = (run.scope & scopeWaitFlag) === 0 || this.#isStalled;
    const used = queue.bytes + this.#heldBytes;
    if (isOversized || (mayDrop && used > 0 && used + bytes > this.#limits.maxBytes)) {
      this.#drop(run, isOversized);
      return;
    }
    const held = this.#held.get(run.topic);
    if (held === undefined) {
      this.#tellMissed(run.topic);
      this.#enqueue(run);
    } else if (
      mayDrop &&
      this.#heldBytes > 0 &&
      this.#heldBytes + bytes > this.#limits.maxBytes / 2
    ) {
      this.#drop(run, false);
    } else {
      // What was missed is told now: later it would come behind this run.
      this.#tellMissed(run.topic);
      held.push(run);
      this.#heldBytes += run.body.length;
    }
  }

  #drop({ topic, messages }: GatheredRun, isOversized: boolean): void {
    const missed = this.#missed;
    const before = missed.get(topic);
    if (before !== undefined || missed.size < maxMissed)
      missed.set(topic, (before ?? 0) + messages);
    this.#owner.dropped(topic, messages, isOversized);
  }

  /** Tells how many messages of the topic were dropped, before the next one. [WIRE-10.3] */
  #tellMissed(topic: string): void {
    const count = this.#missed.get(topic);
    if (count === undefined) return;
    this.#missed.delete(topic);
    this.queue.control(gapType, encodeGap(this.#number(topic), count));
    this.schedule();
  }

  #number(topic: string): number {
    return this.#numbers.of(topic, (address) => {
      const bytes = new Uint8Array(maxAliasRunBytes);
      const end = writeAliasRun(bytes, 0, address);
      const alias = bytes.slice(0, end);
      this.queue.add({ bytes: alias, hashedBytes: end, messages: 0, isAnswer: false });
    }).number;
  }

  /** The number is given as late as here, so that what is held back keeps none in use. */
  #enqueue({ topic, scope: scopeByte, messages, body }: GatheredRun): void {
    const destination = this.#number(topic);
    const bytes = new Uint8Array(maxHopHeaderBytes + body.length);
    const bodyStart = writeOwnHeader(bytes, destination, scopeByte, body.length);
    bytes.set(body, bodyStart);
    this.queue.add({
      bytes: bytes.subarray(0, bodyStart + body.length),
      hashedBytes: bodyStart,
      messages,
      isAnswer: false,
    });
    if (this.queue.bytes > this.#limits.highBytes) this.#isHigh = true;
    this.schedule();
  }

  /** The server wants no runs of that topic for now. Throws `too-many`. */
  hold(topic: string): void {
    if (this.#held.has(topic)) return;
    if (this.#held.size >= maxHeld)
      throw new OmnibusError("too-many", `the server holds back more than ${maxHeld} topics`);
    this.closeRun();
    this.#held.set(topic, []);
  }

  /** The server wants runs of that topic again: what waited goes out in order. */
  letGo(topic: string): void {
    const waiting = this.#held.get(topic) ?? [];
    this.closeRun();
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
    const flush = (): void => {
      this.#isScheduled = false;
      this.flush();
    };
    const nowMs = this.#clock.nowMs();
    const isQuiet = nowMs - this.#lastFlushMs >= busyMs;
    if (!isQuiet) return this.#clock.atTickEnd(flush);
    this.#lastFlushMs = nowMs;
    this.#clock.soon(flush);
  }

  /** Writes as much as the link takes. */
  flush(): void {
    this.closeRun();
    this.queue.flush();
    if (!this.#isHigh || this.queue.bytes > this.#limits.lowBytes) return;
    this.#isHigh = false;
    this.#owner.relieved();
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

  /** Forgets what waits; `lost` says how many messages that were. */
  close(): void {
    this.lost += this.queue.close();
    for (const runs of this.#held.values()) for (const run of runs) this.lost += run.messages;
    this.#held.clear();
    this.#missed.clear();
    this.#heldBytes = 0;
  }
}
