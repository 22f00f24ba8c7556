import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { monotonicMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { forkWorker } from "../../../packages/bench/src/harness/fork-worker.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { mebibytes } from "../stage/mebibytes.ts";
import { judgeHistories } from "../history/judge-histories.ts";
import { contentOf, writeLoad } from "../workers/load-payload.ts";
import { DeliveryLog } from "../workers/delivery-log.ts";
import type { CrowdMethods } from "../workers/json-crowd.ts";

const topic = "battery/crowd";
const messages = 100;
const payloadBytes = 64;

/** How many, and how long they have for all messages. */
interface Size {
  readonly connections: number;
  readonly limitMs: number;
}

const whole: Size = { connections: 10_000, limitMs: 120_000 };
const small: Size = { connections: 50, limitMs: 2000 };

/** Ten thousand JSON connections get the same messages, each all of them. */
export const jsonCrowdRow: Row = {
  name: "json-crowd",
  what: "JSON connections from two processes, subscribed to one topic, get 100 messages each, in order",
  tiers: { 0: "10,000 connections", 1: "10,000 connections, five times" },
  isQuick: true,
  run: async ({ tier, isPlanted, results, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    let count = 0;
    for (let round = 0; round < (tier === 1 ? 5 : 1); round++) {
      const outcome = await crowd(isPlanted === true ? small : whole, results, progress);
      count += outcome.received;
      observed.push(outcome.seen);
      faults.push(...outcome.faults);
    }
    return { count, unit: "deliveries", observed, faults };
  },
};

async function crowd(
  { connections, limitMs }: Size,
  results: string | undefined,
  progress: (text: string) => void,
): Promise<{ received: number; seen: string; faults: string[] }> {
  await using server = await BatteryServer.start({
    args: ["--log-level", "warn", "--max-connections", String(connections + 10)],
  });
  const before = server.residentBytes();
  const module = new URL("../workers/json-crowd.ts", import.meta.url);
  await using first = forkWorker<CrowdMethods>(module);
  await using second = forkWorker<CrowdMethods>(module);
  const halves = [first, second];
  const { port, token } = server;
  progress(`opening ${connections} connections`);
  const openedMs = await timeOf(() =>
    Promise.all(
      halves.map((half) => half.call("open", { port, token, topic, connections: connections / 2 })),
    ),
  );
  using publisher = await JsonPeer.open(port, token);
  progress("publishing");
  const log = new DeliveryLog();
  let reports: readonly Awaited<ReturnType<CrowdMethods["report"]>>[] = [];
  const tookMs = await timeOf(async () => {
    for (let n = 0; n < messages; n++) {
      const payload = writeLoad(n, monotonicMs(), payloadBytes);
      log.published(topic, n, contentOf(payload));
      publisher.say({ type: "publish", topic, payload });
    }
    // Answered when all before it were taken.
    await publisher.ask({ type: "unsubscribe", topic: "battery/sentinel", confirm: true });
    log.taken();
    reports = await Promise.all(halves.map((half) => half.call("report", { messages, limitMs })));
  });
  const received = reports.reduce((sum, report) => sum + report.received, 0);
  const faults = reports.flatMap((report) => [
    ...report.faults,
    ...(report.faulty > report.faults.length ? [`${report.faulty} connections in all`] : []),
    ...(report.open === connections / 2
      ? []
      : [`only ${report.open} of ${connections / 2} stayed open`]),
  ]);
  if (received !== connections * messages)
    faults.push(`${received} of ${connections * messages} came`);
  const dropped = await server.metric("json_dropped_total");
  if (dropped !== 0) faults.push(`the server says that it dropped ${dropped}`);
  if (results !== undefined) {
    const folder = join(results, "json-crowd");
    mkdirSync(folder, { recursive: true });
    log.write(join(folder, "publisher.jsonl"));
    await first.call("writeHistory", { file: join(folder, "readers-0.jsonl") });
    await second.call("writeHistory", { file: join(folder, "readers-1.jsonl") });
    faults.push(...judgeHistories(folder, "exactly-once"));
  }
  faults.push(...(await server.faults()));
  const seen =
    `${connections} connections opened in ${(openedMs / 1000).toFixed(1)} s; ${received} deliveries in ` +
    `${(tookMs / 1000).toFixed(1)} s; the server grew by ${mebibytes(server.residentBytes() - before)}`;
  return { received, seen, faults };
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
