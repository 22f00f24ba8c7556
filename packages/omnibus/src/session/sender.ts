import { type Address, gapType } from "../wire/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import { encodeGap } from "./flow-runs.ts";
import { HeldRuns } from "./held-runs.ts";
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

  /** Whether publishers should wait with runs of that address. */
  isHigh(address: Address): boolean {
    return this.queue.isHigh || (this.#held?.isHeld(address.name) ?? false);
  }

  /** Whether even patient runs find no room: their sources are not to be read from. */
  get isOver(): boolean {
    return this.queue.isFullFor(this.#heldBytes());
  }

  /** Queues the run, or drops it if there is no room; returns how many messages were dropped. */
  send(run: EncodedRun): number {
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
    if (this.#held?.isHeld(address.name) === true) return this.#hold(address, run, this.#held);
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
    // What was missed is told now: later it would come behind this run.
    this.#sendMissed(address);
    held.add(address.name, run);
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
    for (const run of waiting) this.queue.addHeld(run);
    if (waiting.length > 0) this.#outbox.touch(this.queue);
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
    this.#missed.set(address.number, (this.#missed.get(address.number) ?? 0) + messages);
  }

  /** Tells the neighbour how many messages of the address it missed, before the next one. */
  #sendMissed(address: Address): void {
    const count = this.#missed?.get(address.number);
    if (count === undefined) return;
    this.#missed?.delete(address.number);
    if (this.#missed?.size === 0) this.#missed = undefined;
    this.#outbox.controlBehindRun(this.queue, gapType, encodeGap(address.number, count));
    this.#outbox.touch(this.queue);
  }

  /** The neighbour wants no runs of that address for now. Throws `too-many`. */
  hold(address: Address): void {
    this.#held ??= new HeldRuns();
    this.#held.hold(address.name);
  }

  /** The neighbour wants runs of that address again: what waited goes out in order. */
  letGo(address: Address): void {
    const waiting = this.#held?.letGo(address.name) ?? [];
    if (waiting.length === 0) return;
    for (const run of waiting) this.queue.addHeld(run);
    this.#outbox.touch(this.queue);
  }

  /** Forgets what waits; `lost` says how many messages that were. */
  close(): void {
    this.lost += this.queue.close() + (this.#held?.clear() ?? 0);
    this.#missed = undefined;
  }
}
