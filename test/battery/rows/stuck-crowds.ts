import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { Load, type Readers } from "../stage/load.ts";
import { mebibytes } from "../stage/mebibytes.ts";
import { MemoryWatch } from "../stage/memory-watch.ts";
import type { ReaderKind, ReadersReport } from "../workers/load-subscribers.ts";

const mebibyte = 1_048_576;
/** Who is stopped for as long as a row takes would be given up as dead otherwise. */
const config = "[broker]\nkeep_alive_secs = 300\n";
/** So often a thousand that were stopped are sent one message more, until all know what they missed. */
const maxRounds = 10;

const droppedBy: Readonly<Record<ReaderKind, string>> = {
  native: "messages_dropped_total",
  json: "json_dropped_total",
};

/** What is stuck, amid what, and by how much memory may grow. */
interface Scene {
  readonly kind: ReaderKind;
  /** Connections that are stopped. */
  readonly stuck: number;
  readonly stuckPattern: string;
  readonly topics: readonly string[];
  readonly bytes: number;
  readonly perSecond: number;
  readonly forMs: number;
  readonly allowedGrowth: number;
}

/** A message of 16 bytes that waits must not keep the read that it came in. */
export const stuckRareRow: Row = {
  name: "stuck-rare-topic",
  what: "a stopped subscriber of a rare 16 B topic amid 100 MB/s of other traffic: memory grows by its queue + 16 MB at most",
  tiers: { 0: "10 s, native and JSON", 1: "30 s, native and JSON" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    for (const kind of ["native", "json"] as const) {
      const found = await rare(kind, tier === 0 ? 10_000 : 30_000, progress);
      observed.push(`${kind}: ${found.seen}`);
      faults.push(...found.faults.map((fault) => `${kind}: ${fault}`));
    }
    return { count: 2, unit: "runs", observed, faults };
  },
};

async function rare(
  kind: ReaderKind,
  forMs: number,
  progress: (text: string) => void,
): Promise<{ seen: string; faults: string[] }> {
  const bytes = 16_384;
  const perSecond = (100 * 1_000_000) / bytes;
  await using server = await BatteryServer.start({ config, args: ["--log-level", "error"] });
  await using heavy = await Load.open({ server, topics: ["bulk/a", "bulk/b"], bytes });
  await using light = await Load.open({ server, topics: ["rare/a"], bytes: 16 });
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
  victim.goOn();
  await victim.settled();
  await light.publisher.call("round", undefined);
  await victim.settled();
  const rareSent = await light.publisher.call("stop", undefined);
  const dropped = await server.metric(counter);
  const faults: string[] = [];
  const report = await victim.report(rareSent.sent);
  const rest = await reader.report(sent);
  const gigabytes = (sent.reduce((sum, one) => sum + one, 0) * bytes) / 1e9;
  if (growth > 17 * mebibyte) faults.push(`memory grew by ${mebibytes(growth)}`);
  if (report.lost !== report.missed) {
    faults.push(`${dropped} dropped, ${report.missed} told, ${report.lost} missing`);
  }
  if (report.missed === 0) faults.push("the queue of the stopped one was never full");
  // The server is near its limit: what its reader loses must be told, as to anybody.
  if (rest.lost !== rest.missed) {
    faults.push(`the reader of the rest lost ${rest.lost} and was told of ${rest.missed}`);
  }
  faults.push(...report.faults, ...(await server.faults()));
  const seen =
    `memory grew by ${mebibytes(growth)} amid ${gigabytes.toFixed(2)} GB in all; of the rare ones ` +
    `${report.received} came and ${dropped} were dropped and told`;
  return { seen, faults };
}

/** The same messages for a thousand who do not read are kept once. */
export const stuckThousandRow: Row = {
  name: "stuck-thousand",
  what: "1,000 stopped subscribers of one topic: memory grows by 64 MB at most",
  tiers: { 0: "10 s, native and JSON", 1: "30 s, native and JSON" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    for (const kind of ["native", "json"] as const) {
      const found = await crowd(
        {
          kind,
          stuck: 1000,
          stuckPattern: "load/a",
          topics: ["load/a"],
          bytes: 1024,
          perSecond: 1000,
          forMs: tier === 0 ? 10_000 : 30_000,
          allowedGrowth: 64 * mebibyte,
        },
        progress,
      );
      observed.push(`${kind}: ${found.seen}`);
      faults.push(...found.faults.map((fault) => `${kind}: ${fault}`));
    }
    return { count: 2000, unit: "stopped subscribers", observed, faults };
  },
};

async function crowd(
  scene: Scene,
  progress: (text: string) => void,
): Promise<{ seen: string; faults: string[] }> {
  const { kind, stuck, stuckPattern, topics, bytes, perSecond, forMs, allowedGrowth } = scene;
  await using server = await BatteryServer.start({ config, args: ["--log-level", "error"] });
  await using load = await Load.open({ server, topics, bytes });
  await using reader = await load.readers("native", topics);
  progress(`${kind}: opening ${stuck}`);
  await using victims = await load.readers(
    kind,
    Array.from({ length: stuck }, () => stuckPattern),
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
  await load.publisher.call("start", { perSecond });
  await server.waitForMetric(counter, (dropped) => dropped >= stuck, 60_000);
  await sleepMs(forMs);
  const growth = memory.peakBytes - before;
  await load.publisher.call("stop", undefined);
  victims.goOn();
  const { sent, report, dropped } = await toldAll(load, victims, () => server.metric(counter));
  const { lost } = await reader.report(sent);
  const faults = [...report.faults, ...(await server.faults())];
  if (growth > allowedGrowth) faults.push(`memory grew by ${mebibytes(growth)}`);
  if (report.missed !== dropped) faults.push(`${dropped} dropped, ${report.missed} told`);
  if (report.lost !== dropped) faults.push(`${dropped} dropped, ${report.lost} missing`);
  if (lost > 0) faults.push(`the reader lost ${lost}`);
  const seen = `${sent[0]} sent, ${dropped} dropped and told in all; memory grew by ${mebibytes(growth)}`;
  return { seen, faults };
}

/**
 * Lets them read all that waits. What somebody missed is told before its next message, and who is slow
 * on a busy machine may miss that one as well.
 */
async function toldAll(
  load: Load,
  victims: Readers,
  countDropped: () => Promise<number>,
): Promise<{ sent: readonly number[]; report: ReadersReport; dropped: number }> {
  for (let rounds = 1; ; rounds++) {
    await victims.settled();
    await load.publisher.call("round", undefined);
    await victims.settled();
    const { sent } = await load.publisher.call("stop", undefined);
    const report = await victims.report(sent);
    const dropped = await countDropped();
    if (report.missed === dropped || rounds === maxRounds) return { sent, report, dropped };
  }
}
