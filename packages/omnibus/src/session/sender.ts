import { type Address, runType } from "../wire/index.ts";
import type { EncodedRun } from "./encoded-run.ts";
import { encodeGap } from "./flow-runs.ts";
import { HeldRuns } from "./held-runs.ts";
import type { Outbox } from "./outbox.ts";
import type { SendQueue } from "./send-queue.ts";
import { ToldAliases } from "./told-aliases.ts";

/** The sending half of a session: what becomes of a run that this neighbour is to get. */
export class Sender {
  readonly queue: SendQueue;
  /** Messages that were dropped because the queue was full. */
  dropped = 0;
  /** While true, even runs of patient publishers are dropped: the neighbour makes no progress. */
  isStalled = false;
  readonly #outbox: Outbox;
  readonly #told = new ToldAliases();
  #held: HeldRuns | undefined;
  #missed: Map<number, number> | undefined;
  #lastWrites = 0;
  #lastProgressMs = 0;

  constructor(queue: SendQueue, outbox: Outbox) {
    this.queue = queue;
    this.#outbox = outbox;
  }

  /** Whether publishers should wait with runs of that address. */
  isHigh(address: Address): boolean {
    return this.queue.isHigh || (this.#held?.isHeld(address.number) ?? false);
  }

  /** Whether even patient runs find no room: their sources are not to be read from. */
  get isOver(): boolean {
    return this.queue.isFullFor(this.#heldBytes());
  }

  /** Queues the run, or drops it if there is no room; returns how many messages were dropped. */
  send(run: EncodedRun): number {
    const address = run.address as Address;
    const queue = this.queue;
    if (queue.isFullFor(run.byteLength + this.#heldBytes()) && (!run.isPatient || this.isStalled)) {
      this.#drop(address, run.messages);
      return run.messages;
    }
    if (this.#held?.isHeld(address.number) === true) {
      this.tell(address);
      if (run.source !== undefined) this.tell(run.source);
      this.#held.add(address.number, run);
      return 0;
    }
    if (!this.#told.has(address.number)) this.#tellForRun(address);
    const source = run.source;
    if (source !== undefined && !this.#told.has(source.number)) this.#tellForRun(source);
    if (this.#missed !== undefined) this.#sendMissed(address);
    queue.addRun(run);
    this.#outbox.touch(queue);
    return 0;
  }

  /**
   * Notes whether the neighbour has taken nothing for `stallMs` although something waits for it; returns
   * true when that has just become so. It ends with the first progress.
   */
  checkStall(nowMs: number, stallMs: number): boolean {
    const { queue } = this;
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

  #heldBytes(): number {
    return this.#held?.bytes ?? 0;
  }

  #tellForRun(address: Address): void {
    this.#told.add(address.number);
    this.#outbox.aliasForRun(this.queue, address);
  }

  /** Makes sure that the neighbour knows the number of an address. */
  tell(address: Address): void {
    if (this.#told.has(address.number)) return;
    this.#told.add(address.number);
    this.#outbox.alias(this.queue, address);
  }

  /** The number is to be given to another address. */
  forget(address: Address): void {
    this.#told.delete(address.number);
  }

  #drop(address: Address, messages: number): void {
    this.dropped += messages;
    this.queue.droppedMessages += messages;
    this.#missed ??= new Map();
    this.#missed.set(address.number, (this.#missed.get(address.number) ?? 0) + messages);
  }

  /** Tells the neighbour how many messages of the address it missed, before the next one. */
  #sendMissed(address: Address): void {
    const count = this.#missed?.get(address.number);
    if (count === undefined) return;
    this.#missed?.delete(address.number);
    if (this.#missed?.size === 0) this.#missed = undefined;
    this.#outbox.controlBehindRun(this.queue, runType.gap, encodeGap(address.number, count));
  }

  /** The neighbour wants no runs of that address for now. */
  hold(address: Address): void {
    this.#held ??= new HeldRuns();
    this.#held.hold(address.number);
  }

  /** The neighbour wants runs of that address again: what waited goes out in order. */
  letGo(address: Address): void {
    if (this.#held === undefined) return;
    for (const run of this.#held.letGo(address.number)) {
      this.queue.addHeld(run);
    }
    this.#outbox.touch(this.queue);
  }

  close(): void {
    this.queue.close();
    this.#held?.clear();
    this.#missed = undefined;
  }
}
