/** Holds one or many subscribing connections; counts messages by their bytes and checks them. */
import { CreditSender } from "../harness/credit-channel.ts";
import { monotonicMs } from "../harness/monotonic.ts";
import { RawSocket } from "../harness/raw-socket.ts";
import { waitForCount } from "../harness/wait-for-count.ts";
import { WindowMeter, type WindowOptions, type WindowResult } from "../harness/window-meter.ts";
import { Histogram, type HistogramData } from "../stats/histogram.ts";
import { WINDOW_BYTES, windowMessages } from "../systems/pacing.ts";
import type { RawReceiver, RawShape } from "../systems/raw-protocol.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address } from "../systems/system.ts";
import type { LatencyOptions } from "./program-subscriber.ts";

/** What a raw subscriber is opened with. */
export interface RawSubscriberInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly shape: RawShape;
  readonly connections: number;
  readonly window?: WindowOptions;
  readonly latency?: LatencyOptions;
  /** As at the publisher. */
  readonly windowBytes?: number;
}

/** What the connections saw. */
export interface RawVerdict {
  readonly faults: string[];
  /** Microseconds from the due time until the last connection had the message. */
  readonly lastLatency: HistogramData;
  /** The same for every connection. */
  readonly latency: HistogramData;
}

const CREDIT_PARTS = 8;
const CONNECT_AT_ONCE = 50;

interface Connection {
  readonly socket: RawSocket;
  readonly receiver: RawReceiver;
}

class Fan {
  readonly connections: Connection[] = [];
  readonly meter: WindowMeter | undefined;
  readonly latency: Histogram = new Histogram();
  readonly lastLatency: Histogram = new Histogram();
  readonly #input: RawSubscriberInput;
  readonly #credit: CreditSender;
  readonly #creditStep: number;
  readonly #arrivals: number[] = [];
  #startMs = 0;
  #total = 0;
  #nextCredit: number;
  #isLooking = false;

  constructor(input: RawSubscriberInput, credit: CreditSender, window: number) {
    this.#input = input;
    this.#credit = credit;
    this.#creditStep = Math.max(1, Math.floor(window / CREDIT_PARTS));
    this.#nextCredit = this.#creditStep;
    this.meter = input.window === undefined ? undefined : new WindowMeter(input.window);
  }

  schedule(startMs: number): void {
    this.#startMs = startMs;
  }

  add(socket: RawSocket, receiver: RawReceiver): void {
    this.connections.push({ socket, receiver });
    socket.onBytes((chunk) => {
      const before = receiver.received;
      receiver.push(chunk);
      const after = receiver.received;
      this.#total += after - before;
      if (this.#input.latency !== undefined) this.#record(before, after, this.#input.latency);
      if (this.#isLooking) return;
      this.#isLooking = true;
      setImmediate(() => this.#look());
    });
  }

  /** The fewest messages that any connection has. */
  slowest(): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { receiver } of this.connections) least = Math.min(least, receiver.received);
    return least;
  }

  faults(sent: number): string[] {
    const kinds = new Map<string, number>();
    for (const { receiver, socket } of this.connections) {
      const faults = receiver.faults(sent);
      if (socket.failure !== undefined) faults.push(socket.failure.message);
      for (const fault of faults) kinds.set(fault, (kinds.get(fault) ?? 0) + 1);
    }
    return [...kinds].map(([fault, count]) => (count === 1 ? fault : `${fault} (x${count})`));
  }

  #look(): void {
    this.#isLooking = false;
    this.meter?.look(this.#total);
    if (this.#total < this.#nextCredit * this.connections.length) return;
    const arrived = this.slowest();
    if (arrived < this.#nextCredit) return;
    this.#credit.tell(arrived);
    this.#nextCredit = arrived + this.#creditStep;
  }

  #record(before: number, after: number, { perSecond, warmupMessages }: LatencyOptions): void {
    const nowMs = monotonicMs();
    for (let message = before; message < after; message += 1) {
      const arrived = (this.#arrivals[message] ?? 0) + 1;
      this.#arrivals[message] = arrived;
      if (message < warmupMessages) continue;
      const microseconds = (nowMs - this.#startMs - (message * 1000) / perSecond) * 1000;
      this.latency.record(microseconds);
      if (arrived === this.connections.length) this.lastLatency.record(microseconds);
    }
  }
}

let fan: Fan | undefined;

function opened(): Fan {
  if (fan === undefined) throw new Error("open comes first");
  return fan;
}

/** The methods of this process. */
export type RawSubscriberMethods = typeof methods;

export const methods = {
  /** Connects and subscribes all; gives the port for the publisher's pacing. */
  async open(input: RawSubscriberInput): Promise<{ creditPort: number }> {
    const { raw } = await loadSystem(input.system);
    if (raw === undefined) throw new Error(`${input.system} has no raw protocol`);
    const window = windowMessages(input.windowBytes ?? WINDOW_BYTES, input.shape.size);
    const credit = await CreditSender.listen();
    const made = new Fan(input, credit, window);
    fan = made;
    const openOne = async (): Promise<void> => {
      const socket = await RawSocket.connect(input.address.port);
      made.add(socket, await raw.openSubscriber(socket, input.shape));
    };
    for (let left = input.connections; left > 0; left -= CONNECT_AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(left, CONNECT_AT_ONCE) }, openOne));
    }
    return { creditPort: credit.port };
  },
  /** Open loop: says when the first message is due. */
  async schedule(startMs: number): Promise<void> {
    opened().schedule(startMs);
  },
  /** Resolves at the end of the measured window; counts deliveries of all connections. */
  measured(_input: undefined): Promise<WindowResult> {
    const { meter } = opened();
    return meter === undefined ? Promise.reject(new Error("no window")) : meter.result;
  },
  /** Waits until every connection has all of `sent`; says what is wrong. */
  async finish(sent: number): Promise<RawVerdict> {
    const made = opened();
    await waitForCount(() => made.slowest(), sent);
    return {
      faults: made.faults(sent),
      latency: made.latency.toData(),
      lastLatency: made.lastLatency.toData(),
    };
  },
} as const;
