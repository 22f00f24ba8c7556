import { type Address, gapType } from "../wire/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import { encodeGap } from "./flow-runs.ts";
import { type HeldRun, HeldRuns } from "./held-runs.ts";
import { NumberSet } from "./number-set.ts";
import type { Outbox } from "./outbox.ts";
import type { RetiredNumbers } from "./retired-numbers.ts";
import type { SendQueue } from "./send-queue.ts";

/** The sending half of a session: what becomes of a run that this neighbour is to get. */
export class Sender {
  readonly queue: SendQueue;
  /** Messages that were dropped because the queue was full. */
  dropped = 0;
  /** Messages that still waited when the session ended. */
  lost = 0;
  /** While true, even runs of patient publishers are dropped: the neighbour makes no progress. */
  isStalled = false;
  /** Runs of more bytes are dropped: the neighbour takes no frame that large. */
  maxRunBytes: number = Number.POSITIVE_INFINITY;
  readonly #outbox: Outbox;
  readonly #told = new NumberSet();
  #held: HeldRuns | undefined;
  #missed: Map<number, number> | undefined;
  #lastWrites = 0;
  #lastProgressMs: number | undefined;

  constructor(queue: SendQueue, outbox: Outbox) {
    this.queue = queue;
    this.#outbox = outbox;
  }

  /** Whether publishers should wait with runs of that address: not for who makes no progress. */
  isHigh(address: Address): boolean {
    if (this.isStalled) return false;
    return this.queue.isHigh || (this.#held?.isHeld(address.name) ?? false);
  }

  /** Whether even patient runs find no room: their sources are not to be read from. */
  get isOver(): boolean {
    return this.queue.isFullFor(this.#heldBytes());
  }

  /** Queues the run, or drops it if there is no room; returns how many messages were dropped. */
  send(run: EncodedRun): number {
    return this.#send(run, this.#held?.isHeld((run.address as Address).name) === true);
  }

  /** The same for history: it is not held back, since what is told behind it says that it has come. */
  sendHistory(run: EncodedRun): number {
    return this.#send(run, false);
  }

  #send(run: EncodedRun, isHeld: boolean): number {
    const address = run.address as Address;
    const queue = this.queue;
    const bytes = run.byteLength;
    if (
      bytes > this.maxRunBytes ||
      (queue.isFullFor(bytes + this.#heldBytes()) && this.#mayDrop(run))
    ) {
      return this.#drop(address, run.messages);
    }
    if (!this.#told.has(address.number)) this.#tellForRun(address);
    if (run.source !== undefined) this.#tellSource(run.source);
    if (isHeld) return this.#hold(address, run, this.#held as HeldRuns);
    if (this.#missed !== undefined) this.#sendMissed(address);
    queue.addRun(run);
    this.#outbox.touch(queue);
    return 0;
  }

  /** Whether the neighbour has been told the number of an address. */
  knows(address: Address): boolean {
    return this.#told.has(address.number);
  }

  /** Whether no address is held back, and nothing that was missed is to be told. */
  get isClear(): boolean {
    return this.#missed === undefined && (this.#held === undefined || this.#held.isEmpty);
  }

  /** Whether a run of `bytes` for several addresses that it knows can go as it is. */
  isClearFor(bytes: number): boolean {
    return this.isClear && bytes <= this.maxRunBytes && !this.queue.isFullFor(bytes);
  }

  /** Queues a run for several addresses; only if `isClearFor` says so. */
  sendSeveral(run: EncodedRun): void {
    if (run.source !== undefined) this.#tellSource(run.source);
    this.queue.addRun(run);
    this.#outbox.touch(this.queue);
  }

  #tellSource(source: Address): void {
    // As for the destination: while runs name it, its number is not given to another.
    source.lastUsedTick = this.#outbox.tick;
    if (!this.#told.has(source.number)) this.#tellForRun(source);
  }

  #mayDrop(run: EncodedRun): boolean {
    return !run.isPatient || this.isStalled;
  }

  /** Keeps a run of an address that is held back; together they may fill half of the queue. */
  #hold(address: Address, run: EncodedRun, held: HeldRuns): number {
    const isFull = held.bytes > 0 && held.bytes + run.byteLength > this.queue.limits.maxBytes / 2;
    if (isFull && this.#mayDrop(run)) return this.#drop(address, run.messages);
    held.add(address, run, this.#takeMissed(address));
    return 0;
  }

  /**
   * Notes whether the neighbour has taken nothing for `stallMs` although something waits for it; returns
   * true when that has just become so. It ends with the first progress.
   */
  checkStall(nowMs: number, stallMs: number): boolean {
    const { queue } = this;
    this.#lastProgressMs ??= nowMs;
    const hasProgress = queue.writes !== this.#lastWrites || !queue.isBlocked;
    if (hasProgress) {
      this.#lastWrites = queue.writes;
      this.#lastProgressMs = nowMs;
      this.isStalled = false;
      return false;
    }
    if (this.isStalled || nowMs - this.#lastProgressMs < stallMs) return false;
    this.isStalled = true;
    return true;
  }

  /** We did not look for a while: a stall is counted from now on. */
  pardon(nowMs: number): void {
    this.#lastProgressMs = nowMs;
  }

  #heldBytes(): number {
    return this.#held?.bytes ?? 0;
  }

  /** Tells the numbers of the run that was encoded last. Does not flush: the run is still in use. */
  #tellForRun(address: Address): void {
    this.#told.add(address.number);
    this.#outbox.aliasForRun(this.queue, address);
    this.#outbox.touch(this.queue);
  }

  /** Makes sure that the neighbour knows the number of an address. */
  tell(address: Address): void {
    if (this.#told.has(address.number)) return;
    this.#told.add(address.number);
    this.#outbox.alias(this.queue, address);
  }

  /** The numbers are to be given to other addresses: what waits under them leaves before. */
  forget(retired: RetiredNumbers): void {
    if (this.#heldBytes() > 0) this.#sendHeld(retired);
    if (this.#missed !== undefined) this.#sendAllMissed(retired, this.#missed);
    this.#told.deleteAll(retired);
  }

  #sendHeld({ addresses }: RetiredNumbers): void {
    const waiting = addresses.flatMap(({ name }) => this.#held?.take(name) ?? []);
    this.#queueHeld(waiting);
  }

  /** What was missed between them is told in its place. */
  #queueHeld(runs: readonly HeldRun[]): void {
    for (const run of runs) {
      this.#tellGap(run.number, run.missedBefore);
      this.queue.addHeld(run);
    }
    if (runs.length > 0) this.#outbox.touch(this.queue);
  }

  #sendAllMissed(retired: RetiredNumbers, missed: ReadonlyMap<number, number>): void {
    // Those that are told leave the map meanwhile, which its iterator allows.
    for (const number of missed.keys()) {
      const address = retired.addressOf(number);
      if (address === undefined) continue;
      this.tell(address);
      this.#sendMissed(address);
    }
  }

  #drop(address: Address, messages: number): number {
    this.dropped += messages;
    this.noteMissed(address, messages);
    return messages;
  }

  /** Messages for the neighbour were dropped, here or before they came here: told before the next one. */
  noteMissed(address: Address, messages: number): void {
    this.#missed ??= new Map();
    const before = this.#missed.get(address.number) ?? 0;
    // A neighbour may claim any number; ours must fit the wire.
    this.#missed.set(address.number, Math.min(before + messages, Number.MAX_SAFE_INTEGER));
  }

  /** Tells the neighbour how many messages of the address it missed, before the next one. */
  #sendMissed(address: Address): void {
    this.#tellGap(address.number, this.#takeMissed(address));
  }

  #takeMissed({ number }: Address): number {
    const count = this.#missed?.get(number) ?? 0;
    this.#missed?.delete(number);
    if (this.#missed?.size === 0) this.#missed = undefined;
    return count;
  }

  #tellGap(number: number, count: number): void {
    if (count === 0) return;
    this.#outbox.controlBehindRun(this.queue, gapType, encodeGap(number, count));
    this.#outbox.touch(this.queue);
  }

  /** The neighbour wants no runs of that address for now. Throws `too-many`. */
  hold(address: Address): void {
    this.#held ??= new HeldRuns();
    this.#held.hold(address.name);
  }

  /** The neighbour wants runs of that address again: what waited goes out in order. */
  letGo(address: Address): void {
    this.#queueHeld(this.#held?.letGo(address.name) ?? []);
  }

  /** Forgets what waits; `lost` says how many messages that were. */
  close(): void {
    this.lost += this.queue.close() + (this.#held?.clear() ?? 0);
    this.#missed = undefined;
  }
}
