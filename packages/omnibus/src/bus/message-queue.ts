import type { OverflowPolicy } from "./bus-view.ts";
import type { QueueableMessage } from "./message.ts";

/** What a queued message is charged besides its payload. */
const messageOverheadBytes = 64;

/** The queue of one subscription that is read by iteration: bounded, with the user's policy. */
export class MessageQueue {
  /** Messages dropped here so far. */
  dropped = 0;
  /** Bytes that wait. */
  bytes = 0;
  isClosed = false;
  readonly #maxBytes: number;
  readonly #policy: OverflowPolicy;
  readonly #onDropped: (topic: string) => void;
  #items: QueueableMessage[] = [];
  #head = 0;
  /** The messages before this place share no memory any more. */
  #detached = 0;
  /** The memory that those after it share. */
  #memory: unknown = undefined;
  #missed = 0;
  #wakes: (() => void)[] = [];

  /** `onDropped` is told of each message that is dropped here. */
  constructor(maxBytes: number, policy: OverflowPolicy, onDropped: (topic: string) => void) {
    this.#maxBytes = maxBytes;
    this.#policy = policy;
    this.#onDropped = onDropped;
  }

  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  /** Whether a subscription that blocks should ask publishers to wait. */
  get isHigh(): boolean {
    return this.bytes > this.#maxBytes / 2;
  }

  /** Whether publishers may go on. */
  get isLow(): boolean {
    return this.bytes <= this.#maxBytes / 8;
  }

  /** Whether there is no room for more. */
  get isFull(): boolean {
    return this.bytes > this.#maxBytes;
  }

  /** Adds a message; with `isForced` even if there is no room. Returns false if the policy is `close` and there is no room. */
  add(message: QueueableMessage, isForced = false): boolean {
    if (this.isClosed) return true;
    const bytes = message.byteLength + messageOverheadBytes;
    if (this.bytes + bytes > this.#maxBytes && !this.isEmpty && !isForced) {
      if (this.#policy === "close") return false;
      if (this.#policy !== "drop-oldest") {
        this.dropped++;
        this.#missed += 1 + message.missed;
        this.#onDropped(message.topic);
        return true;
      }
      while (this.bytes + bytes > this.#maxBytes && !this.isEmpty) this.#dropOldest();
    }
    if (message.memory !== this.#memory) this.#detachOlder(message.memory);
    this.#items.push(this.#missed === 0 ? message : message.withMissed(this.#missed));
    this.#missed = 0;
    this.bytes += bytes;
    this.#awaken();
    return true;
  }

  /**
   * What waits while other memory comes moves to memory of its own: the queue pins the memory of the last
   * frame, and no other.
   */
  #detachOlder(memory: unknown): void {
    for (let n = Math.max(this.#head, this.#detached); n < this.#items.length; n++)
      this.#items[n]?.detach();
    this.#detached = this.#items.length;
    this.#memory = memory;
  }

  #dropOldest(): void {
    const oldest = this.#take();
    this.dropped++;
    this.#onDropped(oldest.topic);
    const missed = 1 + oldest.missed;
    const next = this.#items[this.#head];
    if (next === undefined) this.#missed += missed;
    else this.#items[this.#head] = next.withMissed(missed);
  }

  #take(): QueueableMessage {
    const message = this.#items[this.#head] as QueueableMessage;
    this.#items[this.#head++] = undefined as unknown as QueueableMessage;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
      this.#detached = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#detached = Math.max(0, this.#detached - this.#head);
      this.#head = 0;
    }
    this.bytes -= message.byteLength + messageOverheadBytes;
    return message;
  }

  /** The next message, undefined if none waits. */
  next(): QueueableMessage | undefined {
    return this.isEmpty ? undefined : this.#take();
  }

  /** All that waits. */
  takeAll(): QueueableMessage[] {
    const all = this.#head === 0 ? this.#items : this.#items.slice(this.#head);
    this.#items = [];
    this.#head = 0;
    this.#detached = 0;
    this.bytes = 0;
    return all;
  }

  /** Resolves when something waits or the queue is closed. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#wakes.push(resolve));
  }

  /** Adds no more; what waits can still be taken. */
  close(): void {
    this.isClosed = true;
    this.#awaken();
  }

  #awaken(): void {
    if (this.#wakes.length === 0) return;
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
