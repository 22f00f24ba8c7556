import { forkWorker } from "../harness/fork-worker.ts";
import { within } from "../harness/monotonic.ts";
import type { RawPublisherMethods } from "../roles/raw-publisher.ts";
import type { RawSubscriberMethods } from "../roles/raw-subscriber.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { MemoryUse, Middle } from "../systems/system.ts";
import { topicsOf } from "./measure-programs.ts";
import type { Row, Sample } from "./row.ts";

const PUBLISHER = new URL("../roles/raw-publisher.ts", import.meta.url);
const SUBSCRIBER = new URL("../roles/raw-subscriber.ts", import.meta.url);
const YOUNG_GENERATION_MB = 128;
const SIZE = 16;
const RUN_MESSAGES = 64;
const WARMUP_MESSAGES = 256_000;
const MEASURED_MESSAGES = 1_024_000;
const PATIENCE_MS = 60_000;

/** What is in use now; the observer of collections reports a turn late. */
async function useOf(middle: Middle, collect: boolean): Promise<MemoryUse> {
  if (middle.memory === undefined) throw new Error("only a Node middle can say what it allocated");
  await middle.memory({ collect });
  return await middle.memory({ collect: false });
}

async function measure(system: SystemName, shrink: number): Promise<Sample> {
  const nodeFlags = [
    "--expose-gc",
    `--min-semi-space-size=${YOUNG_GENERATION_MB}`,
    `--max-semi-space-size=${YOUNG_GENERATION_MB}`,
  ];
  await using middle = await (await loadSystem(system)).startMiddle({ nodeFlags });
  await using subscriber = forkWorker<RawSubscriberMethods>(SUBSCRIBER);
  await using publisher = forkWorker<RawPublisherMethods>(PUBLISHER);
  const shape = { size: SIZE, topics: topicsOf(1), sliceBytes: RUN_MESSAGES * SIZE };
  const common = { system, address: middle.address, shape };
  const { creditPort } = await subscriber.call("open", { ...common, connections: 1 });
  await publisher.call("open", { ...common, creditPort });
  const forward = async (messages: number): Promise<number> => {
    const total = await within(publisher.call("send", messages), PATIENCE_MS, `${system} stalled`);
    await subscriber.call("finish", total);
    return total;
  };
  await forward(WARMUP_MESSAGES);
  const before = await useOf(middle, true);
  const total = await forward(Math.ceil(MEASURED_MESSAGES / shrink));
  const after = await useOf(middle, false);
  const { faults } = await subscriber.call("finish", total);
  const collections = after.collections - before.collections;
  const grown = after.heap + after.external - before.heap - before.external;
  return {
    value: grown / (total - WARMUP_MESSAGES),
    details: { collections },
    faults,
  };
}

/** What the middle allocates per message that it forwards (PROOF, method 9). */
export const rows: readonly Row[] = [
  {
    title: "B3 allocation in the middle, 16 B in runs of 64",
    scenario: "B3",
    unit: "bytes/message",
    better: "lower",
    ours: "omnibus",
    peers: [],
    ceilings: ["plain forwarder"],
    bounds: [
      { against: undefined, floor: 8 },
      { against: undefined, floor: 0, detail: "collections" },
    ],
    shortPeer: "none",
    isChecked: true,
    maxRounds: 1,
    note: "1 M messages, young generation of 128 MB, no collection during the run",
    measure: (system, { shrink }) => measure(system, shrink),
  },
];
