/** A publisher in a process of its own: as fast as the system takes it, or at a fixed rate. */
import { CreditGate } from "../harness/credit-channel.ts";
import { monotonicMs, nextTurn, sleepMs } from "../harness/monotonic.ts";
import { PayloadRing } from "../stats/payload.ts";
import { WINDOW_BYTES, windowMessages } from "../systems/pacing.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address, ProgramClient } from "../systems/system.ts";

/** What a publisher is opened with. */
export interface PublisherInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly size: number;
  readonly topics: readonly string[];
  readonly creditPort: number;
}

/** A fixed rate: message i is due at `startMs` + i x 1000 / `perSecond`, late or not. */
export interface OpenLoopInput {
  readonly startMs: number;
  readonly perSecond: number;
  readonly messages: number;
}

/** A ring where no window is kept; see `ProgramClient.publish`. */
const OWN_PACE_SLOTS = 32_768;
const OWN_PACE_BYTES = 64 * 1024 * 1024;
/** So many messages at most between two turns of the event loop. */
const BURST_MESSAGES = 4096;
/** By then a subscriber has read what the middle had queued for it. */
const SETTLE_MS = 300;
/** A timer may be this late; the rest of the time is spent looking at the clock. */
const TIMER_SLACK_MS = 2;

class Publisher {
  readonly #client: ProgramClient;
  readonly #ring: PayloadRing;
  readonly #gate: CreditGate | undefined;
  readonly #topics: readonly string[];
  #topicAt = 0;
  #sent = 0;
  #isStopping = false;
  #running: Promise<void> = Promise.resolve();

  constructor(
    client: ProgramClient,
    ring: PayloadRing,
    gate: CreditGate | undefined,
    topics: readonly string[],
  ) {
    this.#client = client;
    this.#ring = ring;
    this.#gate = gate;
    this.#topics = topics;
  }

  startClosedLoop(): void {
    this.#running = this.#closedLoop();
  }

  /** Stops, and says how many messages were published. */
  async stop(): Promise<number> {
    this.#isStopping = true;
    await this.#running;
    await this.#client.drained();
    if (this.#client.toldLost !== undefined) await this.#sendLast(this.#client);
    return this.#sent;
  }

  /** A subscriber is told of drops before its next message, so there must be one that gets through. */
  async #sendLast(client: ProgramClient): Promise<void> {
    await sleepMs(SETTLE_MS);
    this.#publish(1);
    await client.drained();
  }

  async #closedLoop(): Promise<void> {
    while (!this.#isStopping) {
      const room = this.#gate === undefined ? BURST_MESSAGES : this.#gate.allowed - this.#sent;
      if (room <= 0) {
        await this.#gate?.more();
        continue;
      }
      const isRoomLeft = this.#publish(Math.min(room, BURST_MESSAGES));
      if (isRoomLeft) await nextTurn();
      else await this.#client.drained();
    }
  }

  async openLoop({ startMs, perSecond, messages }: OpenLoopInput): Promise<number> {
    while (this.#sent < messages) {
      const sinceMs = monotonicMs() - startMs;
      const due = Math.min(messages, Math.floor((sinceMs * perSecond) / 1000) + 1);
      if (due > this.#sent) {
        if (!this.#publish(due - this.#sent)) await this.#client.drained();
      }
      const waitMs = (this.#sent * 1000) / perSecond - (monotonicMs() - startMs);
      if (waitMs > TIMER_SLACK_MS + 1) await sleepMs(waitMs - TIMER_SLACK_MS);
      else await nextTurn();
    }
    await this.#client.drained();
    return this.#sent;
  }

  /** Publishes up to `count`; false as soon as the system says that it has no room. */
  #publish(count: number): boolean {
    for (let left = count; left > 0; left -= 1) {
      const topic = this.#topics[this.#topicAt] ?? "";
      this.#topicAt = this.#topicAt + 1 === this.#topics.length ? 0 : this.#topicAt + 1;
      const payload = this.#ring.next(this.#sent);
      this.#sent += 1;
      if (!this.#client.publish(topic, payload)) return false;
    }
    return true;
  }
}

let publisher: Publisher | undefined;

function opened(): Publisher {
  if (publisher === undefined) throw new Error("open comes first");
  return publisher;
}

/** The methods of this process. */
export type PublisherMethods = typeof methods;

export const methods = {
  async open({ system, address, size, topics, creditPort }: PublisherInput): Promise<void> {
    const { programs } = await loadSystem(system);
    if (programs === undefined) throw new Error(`${system} has no programs`);
    const window = programs.isSelfPaced === true ? undefined : windowMessages(WINDOW_BYTES, size);
    const gate = window === undefined ? undefined : await CreditGate.connect(creditPort, window);
    const ownSlots = Math.min(OWN_PACE_SLOTS, Math.ceil(OWN_PACE_BYTES / size));
    const ring = new PayloadRing(size, window === undefined ? ownSlots : window * 2);
    const client = await programs.connect(address, "sends");
    publisher = new Publisher(client, ring, gate, topics);
  },
  async start(_input: undefined): Promise<void> {
    opened().startClosedLoop();
  },
  stop: (_input: undefined): Promise<number> => opened().stop(),
  openLoop: (input: OpenLoopInput): Promise<number> => opened().openLoop(input),
} as const;
