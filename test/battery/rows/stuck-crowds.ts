import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import type { Row, RowContext } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { droppedBy, type Found, historyFolder, withBothKinds } from "../stage/both-kinds.ts";
import { Load } from "../stage/load.ts";
import { mebibytes } from "../stage/mebibytes.ts";
import { MemoryWatch } from "../stage/memory-watch.ts";
import { faultsOfDrops, tellAll } from "../stage/tell-all.ts";
import type { ReaderKind } from "../workers/load-subscribers.ts";

const mebibyte = 1_048_576;
/** Who is stopped for as long as this takes, and then reads for long, would be given up as dead otherwise. */
const config = "broker.keep_alive_secs = 300\n";
/** Connections that are stopped at once. */
const stuck = 1000;

/** A message of 16 bytes that waits must not keep the read that it came in. */
export const stuckRareRow: Row = {
  name: "stuck-rare-topic",
  what: "a stopped subscriber of a rare 16 B topic amid 100 MB/s of other traffic: memory grows by its queue + 16 MB at most",
  tiers: { 0: "10 s, native and JSON", 1: "30 s, native and JSON" },
  isQuick: false,
  run: async (context) => {
    const forMs = context.tier === 0 ? 10_000 : 30_000;
    return await withBothKinds("runs", (kind) => rare(kind, forMs, context));
  },
};

async function rare(kind: ReaderKind, forMs: number, context: RowContext): Promise<Found> {
  const { progress } = context;
  const bytes = 16_384;
  const perSecond = (100 * 1_000_000) / bytes;
  await using server = await BatteryServer.start({ config, args: ["--log-level", "error"] });
  await using heavy = await Load.open({ server, topics: ["bulk/a", "bulk/b"], bytes });
  const folder = historyFolder(context, "stuck-rare-topic", kind);
  await using light = await Load.open({
    server,
    topics: ["rare/a"],
    bytes: 16,
    historyFolder: folder,
  });
  await using reader = await heavy.readers("native", ["bulk/a", "bulk/b"]);
  await using victim = await light.readers(kind, ["rare/a"]);
  using memory = new MemoryWatch(server);
  progress(`${kind}: warming up`);
  await heavy.publisher.call("start", { perSecond });
  // Rare beside the rest (a third of a percent), often enough to fill the kernel's buffers and the queue.
  await light.publisher.call("start", { perSecond: 20_000 });
  await sleepMs(forMs);
  const before = memory.peakBytes;
  memory.restart();
  victim.stop();
  progress(`${kind}: stopped`);
  const counter = droppedBy[kind];
  // More than the reader of the rest may lose: the queue of the stopped one is full.
  await server.waitForMetric(counter, (dropped) => dropped > 20_000, 120_000);
  await sleepMs(forMs);
  const growth = memory.peakBytes - before;
  const { sent } = await heavy.publisher.call("stop", undefined);
  await light.publisher.call("stop", undefined);
  // The server's counter holds what the reader of the rest lost as well: here the missing ones are counted.
  const told = await tellAll(light, victim, async () => {
    const soFar = await light.publisher.call("stop", undefined);
    return (await victim.report(soFar.sent)).lost;
  });
  const { report, dropped } = told;
  const faults = [
    ...faultsOfDrops(told),
    ...(await server.faults()),
    ...(await light.historyFaults()),
  ];
  const rest = await reader.report(sent);
  const gigabytes = (sent.reduce((sum, one) => sum + one, 0) * bytes) / 1e9;
  if (growth > 17 * mebibyte) faults.push(`memory grew by ${mebibytes(growth)}`);
  if (report.missed === 0) faults.push("the queue of the stopped one was never full");
  // The server is near its limit: what its reader loses must be told, as to anybody.
  if (rest.lost !== rest.missed) {
    faults.push(`the reader of the rest lost ${rest.lost} and was told of ${rest.missed}`);
  }
  const seen =
    `memory grew by ${mebibytes(growth)} amid ${gigabytes.toFixed(2)} GB in all; of the rare ones ` +
    `${report.received} came and ${dropped} were dropped and told`;
  return { count: 1, seen, faults };
}

/** The same messages for a thousand who do not read are kept once. */
export const stuckThousandRow: Row = {
  name: "stuck-thousand",
  what: "1,000 stopped subscribers of one topic: memory grows by 64 MB at most",
  tiers: { 0: "10 s, native and JSON", 1: "30 s, native and JSON" },
  isQuick: false,
  run: async (context) => {
    const forMs = context.tier === 0 ? 10_000 : 30_000;
    return await withBothKinds("stopped subscribers", (kind) => crowd(kind, forMs, context));
  },
};

async function crowd(kind: ReaderKind, forMs: number, context: RowContext): Promise<Found> {
  const { progress } = context;
  await using server = await BatteryServer.start({ config, args: ["--log-level", "error"] });
  await using load = await Load.open({
    server,
    topics: ["load/a"],
    bytes: 1024,
    historyFolder: historyFolder(context, "stuck-thousand", kind),
  });
  await using reader = await load.readers("native", load.topics);
  progress(`${kind}: opening ${stuck}`);
  await using victims = await load.readers(
    kind,
    Array.from({ length: stuck }, () => "load/a"),
  );
  using memory = new MemoryWatch(server);
  progress(`${kind}: warming up`);
  // Few enough that a thousand readers follow.
  await load.publisher.call("start", { perSecond: 20 });
  await sleepMs(3000);
  await load.publisher.call("stop", undefined);
  const before = memory.peakBytes;
  memory.restart();
  const counter = droppedBy[kind];
  victims.stop();
  progress(`${kind}: stopped`);
  await load.publisher.call("start", { perSecond: 1000 });
  await server.waitForMetric(counter, (dropped) => dropped >= stuck, 60_000);
  await sleepMs(forMs);
  const growth = memory.peakBytes - before;
  await load.publisher.call("stop", undefined);
  const told = await tellAll(load, victims, () => server.metric(counter));
  const { sent, dropped } = told;
  const { lost } = await reader.report(sent);
  const faults = [
    ...faultsOfDrops(told),
    ...(await server.faults()),
    ...(await load.historyFaults()),
  ];
  if (growth > 64 * mebibyte) faults.push(`memory grew by ${mebibytes(growth)}`);
  if (lost > 0) faults.push(`the reader lost ${lost}`);
  const seen = `${sent[0]} sent, ${dropped} dropped and told in all; memory grew by ${mebibytes(growth)}`;
  return { count: stuck, seen, faults };
}
