import { forkWorker } from "../harness/fork-worker.ts";
import { monotonicMs, within } from "../harness/monotonic.ts";
import type { PublisherMethods } from "../roles/program-publisher.ts";
import type { SubscriberMethods } from "../roles/program-subscriber.ts";
import { Histogram } from "../stats/histogram.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";

/** One publisher, one middle, one subscriber. */
export interface ProgramsInput {
  readonly system: SystemName;
  readonly size: number;
  readonly topicCount: number;
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** What one run of a throughput measurement gave. */
export interface RateSample {
  readonly perSecond: number;
  /** Deliveries per CPU second of the middle; 0 where it cannot be read. */
  readonly perCpuSecond: number;
  readonly messages: number;
  /** The share of messages that the system dropped by design and said so. */
  readonly dropped?: number;
  /** What was lost, duplicated, reordered or corrupted; such a run does not count. */
  readonly faults: readonly string[];
}

/** What one run at a fixed rate gave, in microseconds. */
export interface LatencySample {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly faults: readonly string[];
}

const PUBLISHER = new URL("../roles/program-publisher.ts", import.meta.url);
const SUBSCRIBER = new URL("../roles/program-subscriber.ts", import.meta.url);
const LEAD_MS = 100;
const PATIENCE_MS = 30_000;

/** `b/0000`, `b/0001`, ...: equally long, so that messages of a row are equally long. */
export function topicsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `b/${String(index).padStart(4, "0")}`);
}

/** As fast as goes without loss. */
export async function measureRate(input: ProgramsInput): Promise<RateSample> {
  const { system, size, warmupMs, windowMs } = input;
  await using middle = await (await loadSystem(system)).startMiddle();
  await using subscriber = forkWorker<SubscriberMethods>(SUBSCRIBER);
  await using publisher = forkWorker<PublisherMethods>(PUBLISHER);
  const topics = topicsOf(input.topicCount);
  const common = { system, address: middle.address, size, topics };
  const window = { warmupMs, windowMs, middlePid: middle.pid };
  const { creditPort } = await subscriber.call("open", { ...common, window });
  await publisher.call("open", { ...common, creditPort });
  const measured = subscriber.call("measured", undefined);
  await publisher.call("start", undefined);
  const result = await within(measured, warmupMs + windowMs + PATIENCE_MS, `${system} stalled`);
  const sent = await within(publisher.call("stop", undefined), PATIENCE_MS, `${system}: stop`);
  const { faults, told } = await subscriber.call("finish", sent);
  return {
    dropped: told / sent,
    perSecond: result.messages / result.seconds,
    perCpuSecond: result.middleCpuSeconds > 0 ? result.messages / result.middleCpuSeconds : 0,
    messages: sent,
    faults,
  };
}

/** At a fixed rate, with intended send times. */
export async function measureLatency(
  input: ProgramsInput,
  perSecond: number,
): Promise<LatencySample> {
  const { system, size, warmupMs, windowMs } = input;
  await using middle = await (await loadSystem(system)).startMiddle();
  await using subscriber = forkWorker<SubscriberMethods>(SUBSCRIBER);
  await using publisher = forkWorker<PublisherMethods>(PUBLISHER);
  const common = { system, address: middle.address, size, topics: topicsOf(input.topicCount) };
  const warmupMessages = Math.round((perSecond * warmupMs) / 1000);
  const messages = warmupMessages + Math.round((perSecond * windowMs) / 1000);
  const latency = { perSecond, warmupMessages };
  const { creditPort } = await subscriber.call("open", { ...common, latency });
  await publisher.call("open", { ...common, creditPort });
  const startMs = monotonicMs() + LEAD_MS;
  await subscriber.call("schedule", startMs);
  const published = publisher.call("openLoop", { startMs, perSecond, messages });
  const sent = await within(published, warmupMs + windowMs + PATIENCE_MS, `${system} stalled`);
  const verdict = await subscriber.call("finish", sent);
  const histogram = Histogram.from(verdict.latency);
  return {
    p50: histogram.percentile(50),
    p99: histogram.percentile(99),
    p999: histogram.percentile(99.9),
    faults: verdict.faults,
  };
}
