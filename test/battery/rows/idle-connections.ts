import { forkWorker } from "../../../packages/bench/src/harness/fork-worker.ts";
import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { measureIdle } from "../../../packages/bench/src/scenarios/measure-idle.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import type { CrowdMethods } from "../workers/json-crowd.ts";

const connections = 5000;
const warmUpConnections = 200;
const settleMs = 1500;
/** As the floor of the benchmark's row (B9), where both are collected first. */
const maxRatio = 0.9;

/** What a connection costs that says nothing. */
export const idleConnectionsRow: Row = {
  name: "idle-connections",
  what: "5,000 idle JSON connections stay open, for at most 0.9 of the memory that a server of ws takes beside it",
  tiers: { 0: "once", 1: "three times" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    const rounds = tier === 0 ? 1 : 3;
    for (let round = 0; round < rounds; round++) {
      progress("omnibus serve");
      const ours = await measureServer();
      faults.push(...ours.faults);
      progress("ws");
      const theirs = await measureIdle("ws", connections);
      faults.push(...theirs.faults.map((fault) => `ws: ${fault}`));
      const ratio = ours.bytesEach / theirs.residentBytes;
      if (ratio > maxRatio) faults.push(`a connection costs ${ratio.toFixed(2)} of one of ws`);
      observed.push(
        `${Math.round(ours.bytesEach)} bytes each, subscribed and authenticated; a relay of ws ` +
          `${Math.round(theirs.residentBytes)}; ratio ${ratio.toFixed(2)} (resident memory, ours uncollected)`,
      );
    }
    return { count: connections * rounds, unit: "connections", observed, faults };
  },
};

async function measureServer(): Promise<{ bytesEach: number; faults: string[] }> {
  await using server = await BatteryServer.start({ args: ["--log-level", "error"] });
  const module = new URL("../workers/json-crowd.ts", import.meta.url);
  const { port, token } = server;
  const input = { port, token, topic: "idle/a" };
  {
    await using warmUp = forkWorker<CrowdMethods>(module);
    await warmUp.call("open", { ...input, connections: warmUpConnections });
  }
  await server.waitForMetric("connections", (open) => open === 0);
  await sleepMs(settleMs);
  const before = server.residentBytes();
  await using crowd = forkWorker<CrowdMethods>(module);
  await crowd.call("open", { ...input, connections });
  await sleepMs(settleMs);
  const bytesEach = (server.residentBytes() - before) / connections;
  const { open } = await crowd.call("report", { messages: 0, limitMs: 0 });
  const faults = open === connections ? [] : [`only ${open} of ${connections} stayed open`];
  return { bytesEach, faults };
}
