import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { Histogram } from "../../../packages/bench/src/stats/histogram.ts";
import { median, pairedRatio } from "../../../packages/bench/src/stats/statistics.ts";
import type { Row, RowContext } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { droppedBy, type Found, historyFolder, withBothKinds } from "../stage/both-kinds.ts";
import { Load, type Readers } from "../stage/load.ts";
import { mebibytes } from "../stage/mebibytes.ts";
import { MemoryWatch } from "../stage/memory-watch.ts";
import { faultsOfDrops, tellAll } from "../stage/tell-all.ts";
import type { ReaderKind } from "../workers/load-subscribers.ts";

const topics: readonly string[] = Array.from({ length: 100 }, (_, n) => `load/${n}`);
const bytes = 1024;
const perSecond = 10_000;
const leastDropped = 10_000;
const queueBytes = 1_048_576;
const allowedGrowth = queueBytes + 16 * 1_048_576;
const pairs = 7;
const sampleMs = 2500;
/** After a process was started or ended, before anything is timed. */
const restMs = 700;
const share = 0.3;
const maxRatio = 1.2;

/** 50 native and 50 JSON connections, each of one topic of the hundred. */
async function openOthers(load: Load): Promise<Readers[]> {
  return [
    await load.readers("native", topics.slice(0, 50)),
    await load.readers("json", topics.slice(50)),
  ];
}

/** One subscriber that stops reading costs its queue, and nobody else anything. */
export const stuckSubscriberRow: Row = {
  name: "stuck-subscriber-memory",
  what: "a stopped subscriber of all of 10,000 msg/s x 1 KiB: memory grows by its queue + 16 MB at most, drops counted exactly",
  tiers: { 0: "10 s, native and JSON", 1: "60 s, native and JSON" },
  isQuick: false,
  run: async (context) => {
    const forMs = context.tier === 0 ? 10_000 : 60_000;
    return await withBothKinds("messages", (kind) => stuck(kind, forMs, context));
  },
};

async function stuck(kind: ReaderKind, forMs: number, context: RowContext): Promise<Found> {
  const { progress } = context;
  await using server = await BatteryServer.start({ args: ["--log-level", "error"] });
  await using load = await Load.open({
    server,
    topics,
    bytes,
    historyFolder: historyFolder(context, "stuck-subscriber-memory", kind),
  });
  await using cleanUp = new AsyncDisposableStack();
  const others = await openOthers(load);
  for (const readers of others) cleanUp.use(readers);
  await using victim = await load.readers(kind, ["load/**"]);
  using memory = new MemoryWatch(server);

  progress(`${kind}: warming up`);
  await load.publisher.call("start", { perSecond });
  // As long as afterwards: a heap under load takes its time to find its size.
  const pollsEvery = 100;
  // Asking for the counters costs memory of its own, which is not the stopped subscriber's.
  for (let left = forMs; left > 0; left -= pollsEvery) {
    await server.metric(droppedBy[kind]);
    await sleepMs(pollsEvery);
  }
  const before = memory.peakBytes;
  memory.restart();
  const droppedBefore = await server.metric(droppedBy[kind]);
  victim.stop();
  progress(`${kind}: stopped`);
  const isStuckSince = performance.now();
  await server.waitForMetric(droppedBy[kind], (value) => value - droppedBefore >= leastDropped);
  await sleepMs(Math.max(0, forMs - (performance.now() - isStuckSince)));
  const growth = memory.peakBytes - before;
  await load.publisher.call("stop", undefined);
  const told = await tellAll(load, victim, () => server.metric(droppedBy[kind]));
  const { sent, droppedAtPublisher, report, dropped } = told;
  const all = sent.reduce((sum, one) => sum + one, 0);

  const faults = [
    ...faultsOfDrops(told),
    ...(await server.faults()),
    ...(await load.historyFaults()),
  ];
  if (growth > allowedGrowth)
    faults.push(`memory grew by ${mebibytes(growth)}, at most ${mebibytes(allowedGrowth)}`);
  if (droppedAtPublisher > 0) faults.push(`the publisher itself dropped ${droppedAtPublisher}`);
  if (report.received + dropped !== all)
    faults.push(`${report.received} received + ${dropped} dropped is not ${all} sent`);
  for (const readers of others) {
    const { lost, faults: theirs } = await readers.report(sent);
    if (lost > 0) faults.push(`others lost ${lost}`);
    faults.push(...theirs);
  }
  const rate = perSecond * (forMs / 1000);
  const seen =
    `${all} sent, ${report.received} received, ${dropped} dropped, ${report.missed} told; ` +
    `memory grew by ${mebibytes(growth)} while ${rate} messages came (peak before ${mebibytes(before)})`;
  return { count: all, seen, faults };
}

/** How much later others get theirs, beside the same load without a stuck subscriber. */
export const stuckLatencyRow: Row = {
  name: "stuck-subscriber-latency",
  what: "at 30 % of saturation a stopped subscriber of all makes the others' p99 at most 1.2 times as long",
  tiers: { 0: "7 pairs of 2.5 s", 1: "7 pairs of 2.5 s, three times" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    let count = 0;
    for (let round = 0; round < (tier === 0 ? 1 : 3); round++) {
      const { p99s, saturation } = await comparePairs(progress);
      count += p99s.length;
      const ratio = pairedRatio(
        p99s.map(({ stuck: us }) => us),
        p99s.map(({ free: us }) => us),
      );
      const typical = median(p99s.map(({ free: us }) => us));
      observed.push(
        `saturation ${Math.round(saturation)} msg/s; p99 without ${(typical / 1000).toFixed(2)} ms; ` +
          `ratio ${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)} to ${ratio.max.toFixed(2)})`,
      );
      if (ratio.median > maxRatio) faults.push(`p99 is ${ratio.median.toFixed(2)} times as long`);
    }
    return { count, unit: "pairs", observed, faults };
  },
};

async function comparePairs(
  progress: (text: string) => void,
): Promise<{ saturation: number; p99s: { free: number; stuck: number }[] }> {
  await using server = await BatteryServer.start({ args: ["--log-level", "error"] });
  await using load = await Load.open({ server, topics, bytes });
  await using cleanUp = new AsyncDisposableStack();
  const others = await openOthers(load);
  for (const readers of others) cleanUp.use(readers);
  progress("saturating");
  await load.publisher.call("saturate", { forMs: sampleMs });
  const saturation = await load.publisher.call("saturate", { forMs: sampleMs });
  await load.publisher.call("start", { perSecond: saturation * share });
  const p99s: { free: number; stuck: number }[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    progress(`pair ${pair + 1} of ${pairs}`);
    const isStuckFirst = pair % 2 === 1;
    const first = await sample(load, server, others, isStuckFirst);
    const second = await sample(load, server, others, !isStuckFirst);
    p99s.push(isStuckFirst ? { stuck: first, free: second } : { stuck: second, free: first });
  }
  await load.publisher.call("stop", undefined);
  return { saturation, p99s };
}

/** The others' p99 in microseconds, with or without a stopped subscriber of all. */
async function sample(
  load: Load,
  server: BatteryServer,
  others: readonly Readers[],
  isStuck: boolean,
): Promise<number> {
  await using cleanUp = new AsyncDisposableStack();
  if (isStuck) {
    const victim = cleanUp.use(await load.readers("native", ["load/**"]));
    const before = await server.metric(droppedBy.native);
    victim.stop();
    await server.waitForMetric(droppedBy.native, (value) => value > before);
  }
  await sleepMs(restMs);
  await Promise.all(others.map((readers) => readers.reset()));
  await sleepMs(sampleMs);
  const latency = new Histogram();
  for (const readers of others) latency.add((await readers.report([])).latency);
  return latency.percentile(99);
}
