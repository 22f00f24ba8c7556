import type { Clock, Timer } from "../../base/index.ts";

/** A message on its way to one subscriber, as far as acknowledgement is concerned. */
export interface Acknowledgeable {
  readonly topic: string;
  readonly id: string;
  /** What it is charged for while it waits or is in flight. */
  readonly byteLength: number;
}

export interface Qos1Options<Item extends Acknowledgeable> {
  readonly clock: Clock;
  /** Whether the transport takes more now. While it does not, first sendings wait and repetitions are put off. */
  readonly canSend: () => boolean;
  /** `resends`: 0 for the first sending, 1 for the first repetition. */
  readonly send: (item: Item, resends: number) => void;
  /** It was sent, repeated, and never acknowledged; it is no longer tracked. */
  readonly gaveUp: (item: Item) => void;
  /** Nothing waits, and there may be room to send more. Default: nobody is told. */
  readonly nothingWaits?: () => void;
  /** Default: 5,000. */
  readonly resendAfterMs: number;
  /** Repetitions after the first sending. Default: 5. */
  readonly maxResends: number;
  /** Messages in flight, and as many again may wait. Default: 1,024. */
  readonly maxInFlight: number;
  /** Bytes in flight (one message may be larger), and as many again may wait. Default: 1 MiB. */
  readonly maxBytes: number;
}

interface Delivery<Item> {
  readonly item: Item;
  resends: number;
  dueMs: number;
}

/**
 * Acknowledged delivery to one connection, as a state machine: messages, acknowledgements and room in;
 * sendings out. [JSON-7]
 *
 *     waiting --(room and window)--> in flight --ack--> gone
 *                                      |  ^
 *                                      5 s, up to 5 times; after that: given up
 *
 * A message is first sent in the order in which it was offered. All wait equally long, so those in
 * flight are ordered by when they are due, and one timer serves them all.
 */
export class Qos1<Item extends Acknowledgeable> {
  readonly #options: Qos1Options<Item>;
  /** In the order in which they are due. */
  readonly #inFlight = new Set<Delivery<Item>>();
  /** Those in flight by id, the one that was sent last behind the others. */
  readonly #byId = new Map<string, Delivery<Item>[]>();
  #waiting: Item[] = [];
  #inFlightBytes = 0;
  #waitingBytes = 0;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: Qos1Options<Item>) {
    this.#options = options;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Sends a message now. Returns false if others wait, or nothing may be sent now: it is not taken. */
  sendNow(item: Item): boolean {
    const mayGo = this.#waiting.length === 0 && this.#hasWindow(item) && this.#options.canSend();
    if (mayGo) this.#sendFirst(item);
    return mayGo;
  }

  /** Sends a message, now or later. Returns false if too much waits already: it is not taken. */
  offer(item: Item): boolean {
    if (this.sendNow(item)) return true;
    const { maxInFlight, maxBytes } = this.#options;
    const isFull =
      this.#waiting.length >= maxInFlight ||
      (this.#waiting.length > 0 && this.#waitingBytes + item.byteLength > maxBytes);
    if (isFull) return false;
    this.#waiting.push(item);
    this.#waitingBytes += item.byteLength;
    return true;
  }

  /** Whether a message of this topic and id is in flight or waits; of several, one that `isSame` says. */
  has(topic: string, id: string, isSame: (item: Item) => boolean = () => true): boolean {
    const isIt = (item: Item): boolean => item.id === id && item.topic === topic && isSame(item);
    if (this.#byId.get(id)?.some(({ item }) => isIt(item))) return true;
    return this.#waiting.some(isIt);
  }

  /**
   * Settles the oldest message in flight with this id, or with this id and topic. Returns false if
   * there is none. [JSON-7.4]
   */
  acknowledge(id: string, topic?: string): boolean {
    const sameId = this.#byId.get(id) ?? [];
    const found = sameId.find((d) => topic === undefined || d.item.topic === topic);
    if (found === undefined) return false;
    this.#settle(found);
    this.resume();
    return true;
  }

  /** The transport has room again: what waits goes on. */
  resume(): void {
    let sent = 0;
    for (const item of this.#waiting) {
      if (this.#isClosed || !this.#hasWindow(item) || !this.#options.canSend()) break;
      sent++;
      this.#waitingBytes -= item.byteLength;
      this.#sendFirst(item);
    }
    if (sent > 0) this.#waiting = this.#waiting.slice(sent);
    if (!this.#isClosed && this.#waiting.length === 0) this.#options.nothingWaits?.();
  }

  /** Stops tracking, and sending, what the test says. */
  forget(isForgotten: (item: Item) => boolean): void {
    for (const delivery of this.#inFlight) if (isForgotten(delivery.item)) this.#settle(delivery);
    this.#waiting = this.#waiting.filter((item) => !isForgotten(item));
    this.#waitingBytes = this.#waiting.reduce((sum, item) => sum + item.byteLength, 0);
    this.resume();
  }

  /** Ends it; returns what was not acknowledged, in flight and waiting. */
  close(): Item[] {
    this.#isClosed = true;
    this.#timer?.cancel();
    const left = [...this.#inFlight].map((delivery) => delivery.item);
    left.push(...this.#waiting);
    this.#inFlight.clear();
    this.#byId.clear();
    this.#waiting = [];
    return left;
  }

  #hasWindow(item: Item): boolean {
    const { maxInFlight, maxBytes } = this.#options;
    if (this.#inFlight.size === 0) return true;
    return this.#inFlight.size < maxInFlight && this.#inFlightBytes + item.byteLength <= maxBytes;
  }

  #sendFirst(item: Item): void {
    const dueMs = this.#options.clock.nowMs() + this.#options.resendAfterMs;
    const delivery: Delivery<Item> = { item, resends: 0, dueMs };
    this.#inFlight.add(delivery);
    this.#inFlightBytes += item.byteLength;
    this.#setLast(delivery);
    this.#options.send(item, 0);
    this.#arm();
  }

  /** It is sent now. [JSON-7.4] */
  #setLast(delivery: Delivery<Item>): void {
    const sameId = this.#byId.get(delivery.item.id);
    if (sameId === undefined) {
      this.#byId.set(delivery.item.id, [delivery]);
      return;
    }
    const at = sameId.indexOf(delivery);
    if (at >= 0) sameId.splice(at, 1);
    sameId.push(delivery);
  }

  #settle(delivery: Delivery<Item>): void {
    const { id, byteLength } = delivery.item;
    if (!this.#inFlight.delete(delivery)) return;
    this.#inFlightBytes -= byteLength;
    const others = (this.#byId.get(id) ?? []).filter((other) => other !== delivery);
    if (others.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, others);
  }

  /** One timer, for the first that is due. It is not moved when that one is settled: it then just looks again. */
  #arm(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    for (const first of this.#inFlight) {
      const { clock } = this.#options;
      const delayMs = Math.max(0, first.dueMs - clock.nowMs());
      this.#timer = clock.setTimer(delayMs, () => this.#look());
      return;
    }
  }

  #look(): void {
    this.#timer = undefined;
    const nowMs = this.#options.clock.nowMs();
    const due: Delivery<Item>[] = [];
    for (const delivery of this.#inFlight) {
      if (delivery.dueMs > nowMs) break;
      due.push(delivery);
    }
    for (const delivery of due) this.#overdue(delivery, nowMs);
    this.resume();
    this.#arm();
  }

  // [JSON-7.2]
  #overdue(delivery: Delivery<Item>, nowMs: number): void {
    const { canSend, maxResends, resendAfterMs } = this.#options;
    const isPutOff = !canSend();
    if (!isPutOff && delivery.resends >= maxResends) {
      this.#settle(delivery);
      this.#options.gaveUp(delivery.item);
      return;
    }
    delivery.dueMs = nowMs + resendAfterMs;
    this.#inFlight.delete(delivery);
    this.#inFlight.add(delivery);
    if (isPutOff) return;
    delivery.resends++;
    this.#setLast(delivery);
    this.#options.send(delivery.item, delivery.resends);
  }
}
