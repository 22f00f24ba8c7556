/** Sends requests in a process of its own: one at a time, or many in flight. */
import { monotonicMs, nextTurn } from "../harness/monotonic.ts";
import { waitForCount } from "../harness/wait-for-count.ts";
import { cpuSecondsOf } from "../harness/process-usage.ts";
import { Histogram } from "../stats/histogram.ts";
import { fillPayload, isIntact, sequenceOf } from "../stats/payload.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Requester } from "../systems/in-process.ts";
import type { Address, ProgramClient } from "../systems/system.ts";

/** What to measure. */
export interface RequestMeasurement {
  readonly system: SystemName;
  /** Where the middle is; undefined: requests are answered in this process. */
  readonly address?: Address;
  readonly topic: string;
  readonly size: number;
  readonly inFlight: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly middlePid?: number;
}

/** What was measured; times in nanoseconds. */
export interface RequestResult {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly faults: readonly string[];
}

/** In one process replies come before the next turn, and timers would never be heard. */
const REQUESTS_PER_TURN = 256;

class Requests {
  readonly histogram: Histogram = new Histogram();
  wrong = 0;
  replies = 0;
  measured = 0;
  isMeasuring = false;
  isStopping = false;
  #next = 0;
  readonly #client: Requester;
  readonly #input: RequestMeasurement;

  constructor(client: Requester, input: RequestMeasurement) {
    this.#client = client;
    this.#input = input;
  }

  get sent(): number {
    return this.#next;
  }

  /** One request after the other until told to stop. */
  async loop(): Promise<void> {
    const { topic, size } = this.#input;
    while (!this.isStopping) {
      const sequence = this.#next;
      this.#next += 1;
      // A payload of its own: 64 are in flight.
      const payload = Buffer.allocUnsafe(size);
      fillPayload(payload, sequence);
      const startMs = monotonicMs();
      const reply = await this.#client.request(topic, payload);
      const tookMs = monotonicMs() - startMs;
      this.replies += 1;
      if (this.replies % REQUESTS_PER_TURN === 0) await nextTurn();
      if (sequenceOf(reply) !== sequence || !isIntact(reply, size)) {
        this.wrong += 1;
      }
      if (!this.isMeasuring) continue;
      this.measured += 1;
      this.histogram.record(tookMs * 1e6);
    }
  }
}

async function openRequester({ system, address, topic }: RequestMeasurement): Promise<Requester> {
  const { programs, inProcess } = await loadSystem(system);
  if (address === undefined) {
    const opened = await inProcess?.openRequests?.(topic);
    if (opened !== undefined) return opened;
  } else {
    const client = await programs?.connect(address, "sends");
    if (client !== undefined && isRequester(client)) return client;
  }
  throw new Error(`${system} has no requests`);
}

function isRequester(client: ProgramClient): client is ProgramClient & Requester {
  return client.request !== undefined;
}

function middleCpuSeconds({ middlePid }: RequestMeasurement): number {
  return middlePid === undefined ? 0 : (cpuSecondsOf(middlePid) ?? 0);
}

/** Lets the loops run for so long, by turns of the event loop. */
function elapse(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The methods of this process. */
export type RequesterMethods = typeof methods;

export const methods = {
  async measure(input: RequestMeasurement): Promise<RequestResult> {
    const client = await openRequester(input);
    const requests = new Requests(client, input);
    const loops = Array.from({ length: input.inFlight }, () => requests.loop());
    await elapse(input.warmupMs);
    const cpuBefore = middleCpuSeconds(input);
    const startMs = monotonicMs();
    requests.isMeasuring = true;
    await elapse(input.windowMs);
    requests.isMeasuring = false;
    const seconds = (monotonicMs() - startMs) / 1000;
    const cpuSeconds = middleCpuSeconds(input) - cpuBefore;
    requests.isStopping = true;
    // A reply that does not come is not waited for without end.
    const isAnswered = (): number => requests.replies;
    await Promise.race([Promise.all(loops), waitForCount(isAnswered, requests.sent)]);
    await client[Symbol.asyncDispose]();
    const { histogram, measured, wrong, sent, replies } = requests;
    const faults: string[] = [];
    if (wrong > 0) faults.push(`${wrong} wrong replies`);
    if (sent !== replies) faults.push(`${sent - replies} without reply`);
    return {
      perSecond: measured / seconds,
      perCpuSecond: cpuSeconds > 0 ? measured / cpuSeconds : 0,
      p50: histogram.percentile(50),
      p99: histogram.percentile(99),
      p999: histogram.percentile(99.9),
      faults,
    };
  },
} as const;
