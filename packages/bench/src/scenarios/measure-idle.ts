import { forkWorker } from "../harness/fork-worker.ts";
import { sleepMs } from "../harness/monotonic.ts";
import { residentBytesOf } from "../harness/process-usage.ts";
import type { IdleMethods } from "../roles/idle-clients.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Middle } from "../systems/system.ts";

/** What one run gave: bytes of the middle's memory per idle connection. */
export interface IdleSample {
  /** Resident memory that came with the connections. */
  readonly residentBytes: number;
  /** Heap and external memory in use after a collection; 0 for what is not Node. */
  readonly liveBytes: number;
  readonly faults: readonly string[];
}

const CLIENTS = new URL("../roles/idle-clients.ts", import.meta.url);
/** Opened and closed before the measurement, so that code and pools are not counted. */
const WARMUP_CONNECTIONS = 200;

interface Use {
  readonly resident: number;
  readonly live: number;
}

/**
 * Opens idle subscribing connections from one process and weighs the middle before and after, each time
 * `settleMs` later (default: 1,000).
 */
export async function measureIdle(
  system: SystemName,
  connections: number,
  settleMs = 1000,
): Promise<IdleSample> {
  const nodeFlags = ["--expose-gc"];
  await using middle = await (await loadSystem(system)).startMiddle({ nodeFlags });
  const { address } = middle;
  {
    await using warmup = forkWorker<IdleMethods>(CLIENTS);
    await warmup.call("open", { system, address, connections: WARMUP_CONNECTIONS });
  }
  const before = await weigh(middle, settleMs);
  await using clients = forkWorker<IdleMethods>(CLIENTS);
  await clients.call("open", { system, address, connections });
  const after = await weigh(middle, settleMs);
  const open = await clients.call("countOpen", undefined);
  return {
    residentBytes: (after.resident - before.resident) / connections,
    liveBytes: (after.live - before.live) / connections,
    faults: open === connections ? [] : [`${connections - open} of ${connections} cut off`],
  };
}

/** Two collections: the first one's finalizers free what the second one counts. */
async function weigh(middle: Middle, settleMs: number): Promise<Use> {
  await sleepMs(settleMs);
  await middle.memory?.({ collect: true });
  const memory = await middle.memory?.({ collect: true });
  return {
    resident: residentBytesOf(middle.pid) ?? 0,
    live: memory === undefined ? 0 : memory.heap + memory.external,
  };
}
