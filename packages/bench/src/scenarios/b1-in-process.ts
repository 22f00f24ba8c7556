import { forkWorker } from "../harness/fork-worker.ts";
import type { InProcessMethods } from "../roles/in-process.ts";
import type { InProcessShape } from "../systems/in-process.ts";
import type { SystemName } from "../systems/registry.ts";
import type { Bound, Row, Sample, Timing } from "./row.ts";

const WORKER = new URL("../roles/in-process.ts", import.meta.url);

async function measure(
  system: SystemName,
  shape: InProcessShape,
  { warmupMs, windowMs }: Timing,
): Promise<Sample> {
  await using worker = forkWorker<InProcessMethods>(WORKER);
  const result = await worker.call("measure", { system, ...shape, warmupMs, windowMs });
  return { value: result.perSecond, details: {}, faults: result.faults };
}

interface Kind {
  readonly shape: InProcessShape;
  readonly peers: readonly SystemName[];
  readonly bounds: readonly Bound[];
  readonly shortPeer?: SystemName | "none";
}

const MILLION = 1e6;

const kinds: readonly Kind[] = [
  {
    shape: { delivery: "handler", match: "exact" },
    peers: ["EventEmitter", "mqemitter", "aedes"],
    bounds: [
      { against: undefined, floor: 10 * MILLION, goal: 30 * MILLION },
      { against: "mqemitter", floor: 1, goal: 50 },
    ],
    shortPeer: "mqemitter",
  },
  {
    shape: { delivery: "handler", match: "wildcard" },
    peers: ["mqemitter", "aedes"],
    bounds: [{ against: undefined, floor: 10 * MILLION, goal: 30 * MILLION }],
  },
  {
    shape: { delivery: "batches", match: "exact" },
    peers: [],
    bounds: [{ against: undefined, floor: 8 * MILLION, goal: 20 * MILLION }],
  },
  {
    shape: { delivery: "batches", match: "wildcard" },
    peers: [],
    bounds: [{ against: undefined, floor: 8 * MILLION, goal: 20 * MILLION }],
  },
  {
    shape: { delivery: "for-await", match: "exact" },
    peers: ["EventEmitter"],
    bounds: [{ against: undefined, floor: 2 * MILLION, goal: 5 * MILLION }],
  },
  {
    shape: { delivery: "for-await", match: "wildcard" },
    peers: [],
    bounds: [{ against: undefined, floor: 2 * MILLION, goal: 5 * MILLION }],
  },
];

/** Dispatch within one process, values read and summed. */
export const rows: readonly Row[] = kinds.map(({ shape, ...rest }) => ({
  title: `B1 in process, ${shape.delivery}, ${shape.match}`,
  scenario: "B1",
  unit: "messages/s",
  better: "higher",
  ours: "omnibus",
  ceilings: [],
  isChecked: true,
  ...rest,
  measure: (system, timing) => measure(system, shape, timing),
}));
