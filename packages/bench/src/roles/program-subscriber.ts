/** A subscriber in a process of its own: counts, checks, and decides what was measured. */
import { CreditSender } from "../harness/credit-channel.ts";
import { monotonicMs } from "../harness/monotonic.ts";
import { waitForCount } from "../harness/wait-for-count.ts";
import { WindowMeter, type WindowOptions, type WindowResult } from "../harness/window-meter.ts";
import { Histogram, type HistogramData } from "../stats/histogram.ts";
import { PayloadInspector } from "../stats/payload.ts";
import { WINDOW_BYTES, windowMessages } from "../systems/pacing.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Address, ProgramClient } from "../systems/system.ts";

/** What a subscriber is opened with. */
export interface SubscriberInput {
  readonly system: SystemName;
  readonly address: Address;
  readonly size: number;
  readonly topics: readonly string[];
  /** Closed loop: what to measure. */
  readonly window?: WindowOptions;
  /** Open loop: when the first message is due, and how many are only warm-up. */
  readonly latency?: LatencyOptions;
}

/** The publisher's schedule. */
export interface LatencyOptions {
  readonly perSecond: number;
  readonly warmupMessages: number;
}

/** What the subscriber saw. */
export interface SubscriberVerdict {
  readonly faults: string[];
  /** Messages that the system dropped by design and said so. */
  readonly told: number;
  /** Microseconds after the due time. */
  readonly latency: HistogramData;
}

const CREDIT_PARTS = 8;
/** Looks at the clock at most every so many messages, and for large ones every time. */
const LOOK_MESSAGES = 64;
const LARGE_BYTES = 16 * 1024;

class Subscriber {
  readonly inspector: PayloadInspector;
  readonly meter: WindowMeter | undefined;
  readonly histogram: Histogram = new Histogram();
  readonly credit: CreditSender;
  readonly #latency: LatencyOptions | undefined;
  readonly #step: number;
  readonly #creditStep: number;
  #nextLook: number;
  #nextCredit: number;
  #startMs = 0;

  constructor(input: SubscriberInput, credit: CreditSender, window: number) {
    this.inspector = new PayloadInspector(input.size);
    this.meter = input.window === undefined ? undefined : new WindowMeter(input.window);
    this.credit = credit;
    this.#latency = input.latency;
    this.#creditStep = Math.max(1, Math.floor(window / CREDIT_PARTS));
    this.#step = input.size >= LARGE_BYTES ? 1 : Math.min(LOOK_MESSAGES, this.#creditStep);
    this.#nextLook = 1;
    this.#nextCredit = this.#creditStep;
  }

  schedule(startMs: number): void {
    this.#startMs = startMs;
  }

  take(payload: Uint8Array): void {
    const sequence = this.inspector.inspect(payload);
    if (this.#latency !== undefined) this.#recordLatency(sequence, this.#latency);
    if (this.inspector.received >= this.#nextLook) this.#look();
  }

  #look(): void {
    const { received } = this.inspector;
    this.#nextLook = received + this.#step;
    this.meter?.look(received);
    if (received >= this.#nextCredit) {
      this.credit.tell(received);
      this.#nextCredit = received + this.#creditStep;
    }
  }

  #recordLatency(sequence: number, { perSecond, warmupMessages }: LatencyOptions): void {
    if (sequence < warmupMessages) return;
    const dueMs = this.#startMs + (sequence * 1000) / perSecond;
    this.histogram.record((monotonicMs() - dueMs) * 1000);
  }
}

let subscriber: Subscriber | undefined;
let client: ProgramClient | undefined;

function opened(): Subscriber {
  if (subscriber === undefined) throw new Error("open comes first");
  return subscriber;
}

/** The methods of this process. */
export type SubscriberMethods = typeof methods;

export const methods = {
  /** Subscribes; gives the port for the publisher's pacing. */
  async open(input: SubscriberInput): Promise<{ creditPort: number }> {
    const { programs } = await loadSystem(input.system);
    if (programs === undefined) throw new Error(`${input.system} has no programs`);
    const credit = await CreditSender.listen();
    const made = new Subscriber(input, credit, windowMessages(WINDOW_BYTES, input.size));
    subscriber = made;
    client = await programs.connect(input.address, "receives");
    await client.subscribe(input.topics, (payload) => made.take(payload));
    return { creditPort: credit.port };
  },
  /** Open loop: says when the first message is due. */
  async schedule(startMs: number): Promise<void> {
    opened().schedule(startMs);
  },
  /** Resolves at the end of the measured window. */
  measured(_input: undefined): Promise<WindowResult> {
    const { meter } = opened();
    return meter === undefined ? Promise.reject(new Error("no window")) : meter.result;
  },
  /** Waits for all of `sent`; says what is wrong. */
  async finish(sent: number): Promise<SubscriberVerdict> {
    const { inspector, histogram } = opened();
    const toldLost = (): number => client?.toldLost?.() ?? 0;
    await waitForCount(() => inspector.received + toldLost(), sent);
    const told = toldLost();
    return { faults: inspector.faults(sent, told), told, latency: histogram.toData() };
  },
} as const;
