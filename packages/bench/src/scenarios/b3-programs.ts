import { WINDOW_NOTE } from "../systems/pacing.ts";
import type { SystemName } from "../systems/registry.ts";
import { measureLatency, measureRate } from "./measure-programs.ts";
import { type Bound, type Row, type Sample, SIZES, sizeText, type Timing } from "./row.ts";

const PEERS: readonly SystemName[] = ["nats", "redis", "mosquitto", "zeromq"];
/** For many topics; the others are far behind with one already. */
const FAST_PEERS: readonly SystemName[] = ["nats", "redis"];
const CEILINGS: readonly SystemName[] = ["plain forwarder"];

/** Floor and goal against nats by size. */
const AGAINST_NATS: Readonly<Record<number, readonly [number, number]>> = {
  16: [6, 10],
  256: [2, 3],
  1024: [1.4, 2],
  65_536: [1, 1.2],
};

async function rateSample(
  system: SystemName,
  shape: { readonly size: number; readonly topicCount: number },
  { warmupMs, windowMs }: Timing,
): Promise<Sample> {
  const sample = await measureRate({ system, ...shape, warmupMs, windowMs });
  return {
    value: sample.perSecond,
    details: {
      "per CPU s of the middle": sample.perCpuSecond,
      ...(sample.dropped ? { "dropped and told, %": sample.dropped * 100 } : {}),
    },
    faults: sample.faults,
  };
}

function boundsOf(size: number): Bound[] {
  const [floor, goal] = AGAINST_NATS[size] ?? [1, 1];
  return [{ against: "nats", floor, goal }];
}

function rateRow(size: number, topicCount: number): Row {
  const topics = topicCount === 1 ? "one topic" : `${topicCount} topics in turn`;
  return {
    title: `B3 programs, ${sizeText(size)}, ${topics}`,
    scenario: "B3",
    unit: "messages/s",
    better: "higher",
    ours: "omnibus",
    peers: topicCount === 1 ? PEERS : FAST_PEERS,
    ceilings: CEILINGS,
    note: WINDOW_NOTE,
    bounds: boundsOf(size),
    ...(size === 16 && topicCount === 1 ? { shortPeer: "nats" } : {}),
    isChecked: size === 256,
    measure: (system, timing) => rateSample(system, { size, topicCount }, timing),
  };
}

/** 50 % and 80 % of what the same system reached a moment before. */
async function latencySample(system: SystemName, timing: Timing): Promise<Sample> {
  const input = { system, size: 256, topicCount: 1, ...timing };
  const saturated = await measureRate(input);
  const half = await measureLatency(input, saturated.perSecond * 0.5);
  const most = await measureLatency(input, saturated.perSecond * 0.8);
  return {
    value: half.p99,
    details: {
      "saturated messages/s": saturated.perSecond,
      "50 %: p50 us": half.p50,
      "50 %: p99.9 us": half.p999,
      "80 %: p50 us": most.p50,
      "80 %: p99 us": most.p99,
      "80 %: p99.9 us": most.p999,
    },
    faults: [...saturated.faults, ...half.faults, ...most.faults],
  };
}

const latencyRow: Row = {
  title: "B3 programs, 256 B, open loop at 50 % of its own saturation: p99",
  scenario: "B3",
  unit: "us",
  better: "lower",
  ours: "omnibus",
  peers: ["nats"],
  ceilings: CEILINGS,
  bounds: [],
  isChecked: true,
  note: "intended send times; each system at 50 % and 80 % of its own rate, so the rates differ",
  measure: latencySample,
};

/** The same without a floor, beside nats only: what is different about ours stands in the title. */
function secondRow(size: number, ours: SystemName, title: string, note: string): Row {
  const { shortPeer: _none, ...row } = rateRow(size, 1);
  return { ...row, title, ours, peers: ["nats"], ceilings: [], bounds: [], note };
}

const secondRows: readonly Row[] = [
  ...SIZES.map((size) =>
    secondRow(
      size,
      "omnibus ws",
      `B3 programs, ${sizeText(size)}, one topic, ours over WebSocket`,
      `${WINDOW_NOTE}; nats over TCP`,
    ),
  ),
  secondRow(
    256,
    "omnibus unpaced",
    "B3 programs, 256 B, one topic, ours by its own flow control alone",
    "ours without a window: nothing but congestion wait keeps it from losing; nats with 1 MiB",
  ),
  secondRow(
    256,
    "omnibus drop",
    "B3 programs, 256 B, one topic, ours with its default: drop",
    "ours without a window drops what the subscriber cannot take; exactly what it told is missing",
  ),
];

/** 1:1 through a server, each system with its client library. */
export const rows: readonly Row[] = [
  ...SIZES.map((size) => rateRow(size, 1)),
  ...SIZES.map((size) => rateRow(size, 1000)),
  ...secondRows,
  latencyRow,
];
