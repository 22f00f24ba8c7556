import type { QueueableMessage } from "./message.ts";
import type { RunningSubscription } from "./subscription.ts";

/** What is held for one subscription at most; of more the oldest go first. */
const maxHeldBytes = 1_048_576;
/** What a held message is charged besides its payload. */
const heldOverheadBytes = 64;

const nobody: readonly RunningSubscription[] = [];

/** A subscription that a server was asked to send history for. */
class CatchUp {
  readonly subscription: RunningSubscription;
  /** As a list of receivers. */
  readonly alone: readonly RunningSubscription[];
  /** Whether some of its history has come: what is live comes behind that. */
  hasBegun = false;
  #held: QueueableMessage[] = [];
  #heldBytes = 0;
  #lost = 0;

  constructor(subscription: RunningSubscription) {
    this.subscription = subscription;
    this.alone = [subscription];
  }

  /** A live message came before its history: it is in there, or older than all of it, if any comes. */
  hold(message: QueueableMessage): void {
    message.detach();
    this.#held.push(message);
    this.#heldBytes += message.byteLength + heldOverheadBytes;
    while (this.#heldBytes > maxHeldBytes && this.#held.length > 1) {
      const oldest = this.#held.shift() as QueueableMessage;
      this.#heldBytes -= oldest.byteLength + heldOverheadBytes;
      this.#lost += 1 + oldest.missed;
    }
  }

  begin(): void {
    this.hasBegun = true;
    this.#held = [];
    this.#lost = 0;
  }

  /** There was no history: what was held is given to it now. Returns how many messages that were. */
  end(): number {
    if (this.#lost > 0) this.subscription.noteMissed(this.#lost);
    for (const message of this.#held) this.subscription.deliver(message, true);
    return this.#held.length;
  }
}

/**
 * The subscriptions that one server was asked to send history for, in order. It answers in that order, so
 * what it sends is for the first; a pong behind each answer ends it. Live messages that come before the
 * history are held until it is known whether it repeats them.
 */
export class CatchUps {
  readonly #waiting = new Map<RunningSubscription, CatchUp>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** The server was asked for the history of `subscription`. */
  asked(subscription: RunningSubscription): void {
    this.#waiting.set(subscription, new CatchUp(subscription));
  }

  /** Who of `receivers` is given history that comes now. */
  takersOfHistory(receivers: readonly RunningSubscription[]): readonly RunningSubscription[] {
    const [first] = this.#waiting.values();
    if (first === undefined || !receivers.includes(first.subscription)) return nobody;
    if (!first.hasBegun) first.begin();
    return first.alone;
  }

  /** Who of `receivers` is given a live message now; it is held for the others. */
  takersOfLive(
    receivers: readonly RunningSubscription[],
    message: QueueableMessage,
  ): readonly RunningSubscription[] {
    return receivers.filter((subscription) => {
      const waiting = this.#waiting.get(subscription);
      if (waiting === undefined || waiting.hasBegun) return true;
      waiting.hold(message);
      return false;
    });
  }

  /** All of its history has come, or the session has ended. Returns how many held messages it was given. */
  caughtUp(subscription: RunningSubscription): number {
    const waiting = this.#waiting.get(subscription);
    this.#waiting.delete(subscription);
    return waiting?.end() ?? 0;
  }
}
