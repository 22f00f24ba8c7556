import { forkWorker } from "../harness/fork-worker.ts";
import { monotonicMs, within } from "../harness/monotonic.ts";
import type { RawPublisherMethods } from "../roles/raw-publisher.ts";
import type { RawSubscriberMethods } from "../roles/raw-subscriber.ts";
import { Histogram } from "../stats/histogram.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Middle, MiddleOptions } from "../systems/system.ts";
import { type LatencySample, type RateSample, topicsOf } from "./measure-programs.ts";

/** One publisher, one middle, one process with any number of subscribing connections. */
export interface MiddlesInput {
  readonly system: SystemName;
  readonly size: number;
  readonly topicCount: number;
  readonly connections: number;
  readonly warmupMs: number;
  readonly windowMs: number;
  /** Payload bytes on their way per connection. Default: `WINDOW_BYTES`. */
  readonly windowBytes?: number;
  readonly middleOptions?: MiddleOptions;
}

const PUBLISHER = new URL("../roles/raw-publisher.ts", import.meta.url);
const SUBSCRIBER = new URL("../roles/raw-subscriber.ts", import.meta.url);
const LEAD_MS = 100;
const PATIENCE_MS = 60_000;
const SLICE_BYTES = 64 * 1024;

/** As fast as goes without loss; counts the deliveries of all connections. */
export async function measureMiddleRate(
  input: MiddlesInput,
  around?: (middle: Middle) => Promise<AsyncDisposable>,
): Promise<RateSample> {
  const { system, warmupMs, windowMs, connections } = input;
  await using middle = await (await loadSystem(system)).startMiddle(input.middleOptions);
  await using subscriber = forkWorker<RawSubscriberMethods>(SUBSCRIBER);
  await using publisher = forkWorker<RawPublisherMethods>(PUBLISHER);
  const common = commonInput(input, middle, SLICE_BYTES);
  const window = { warmupMs, windowMs, middlePid: middle.pid };
  const { creditPort } = await subscriber.call("open", { ...common, connections, window });
  await publisher.call("open", { ...common, creditPort });
  await using _probe = await around?.(middle);
  const measured = subscriber.call("measured", undefined);
  await publisher.call("start", undefined);
  const result = await within(measured, warmupMs + windowMs + PATIENCE_MS, `${system} stalled`);
  const sent = await within(publisher.call("stop", undefined), PATIENCE_MS, `${system}: stop`);
  const { faults } = await subscriber.call("finish", sent);
  return {
    perSecond: result.messages / result.seconds,
    perCpuSecond: result.middleCpuSeconds > 0 ? result.messages / result.middleCpuSeconds : 0,
    messages: sent,
    faults,
  };
}

/** At a fixed rate of messages; the latency is that of the last connection to get each. */
export async function measureMiddleLatency(
  input: MiddlesInput,
  perSecond: number,
): Promise<LatencySample> {
  const { system, warmupMs, windowMs, connections } = input;
  await using middle = await (await loadSystem(system)).startMiddle(input.middleOptions);
  await using subscriber = forkWorker<RawSubscriberMethods>(SUBSCRIBER);
  await using publisher = forkWorker<RawPublisherMethods>(PUBLISHER);
  const common = commonInput(input, middle, 1);
  const warmupMessages = Math.round((perSecond * warmupMs) / 1000);
  const messages = warmupMessages + Math.round((perSecond * windowMs) / 1000);
  const latency = { perSecond, warmupMessages };
  const { creditPort } = await subscriber.call("open", { ...common, connections, latency });
  await publisher.call("open", { ...common, creditPort });
  const startMs = monotonicMs() + LEAD_MS;
  await subscriber.call("schedule", startMs);
  const written = publisher.call("openLoop", { startMs, perSecond, messages });
  const sent = await within(written, warmupMs + windowMs + PATIENCE_MS, `${system} stalled`);
  const verdict = await subscriber.call("finish", sent);
  const histogram = Histogram.from(verdict.lastLatency);
  return {
    p50: histogram.percentile(50),
    p99: histogram.percentile(99),
    p999: histogram.percentile(99.9),
    faults: verdict.faults,
  };
}

function commonInput(input: MiddlesInput, middle: Middle, sliceBytes: number) {
  const shape = { size: input.size, topics: topicsOf(input.topicCount), sliceBytes };
  return {
    system: input.system,
    address: middle.address,
    shape,
    ...(input.windowBytes === undefined ? {} : { windowBytes: input.windowBytes }),
  };
}
