import { WINDOW_NOTE } from "../systems/pacing.ts";
import type { SystemName } from "../systems/registry.ts";
import { measureMiddleRate } from "./measure-middles.ts";
import { type Bound, type Row, SIZES, sizeText } from "./row.ts";

const PEERS: readonly SystemName[] = ["nats", "redis", "mosquitto"];

/** Floor and goal against nats by size. */
const AGAINST_NATS: Readonly<Record<number, readonly [number, number]>> = {
  16: [4, 8],
  256: [1.2, 2],
  1024: [0.9, 1.3],
};

function boundsOf(size: number): Bound[] {
  const bounds: Bound[] = [];
  const nats = AGAINST_NATS[size];
  if (nats !== undefined) bounds.push({ against: "nats", floor: nats[0], goal: nats[1] });
  if (size >= 1024) bounds.push({ against: "plain forwarder", floor: 0.8, goal: 0.9 });
  return bounds;
}

function rowOf(size: number, topicCount: number): Row {
  const topics = topicCount === 1 ? "one topic" : `${topicCount} topics in turn`;
  return {
    title: `B3 middles, ${sizeText(size)}, ${topics}`,
    scenario: "B3",
    unit: "messages/s",
    better: "higher",
    ours: "omnibus",
    // mosquitto is far behind with one topic already.
    peers: topicCount === 1 ? PEERS : ["nats", "redis"],
    ceilings: ["plain forwarder"],
    bounds: boundsOf(size),
    ...(size === 1024 && topicCount === 1 ? { shortPeer: "nats" } : {}),
    isChecked: size === 256,
    note:
      `${WINDOW_NOTE}; pre-encoded bytes in, writes of 64 KiB; ` +
      "out: of peers and forwarder every byte is compared, of " +
      "ours (whose frames are cut anew) the first record of every run, and one run in 16 wholly",
    measure: async (system, { warmupMs, windowMs }) => {
      const input = { system, size, topicCount, connections: 1, warmupMs, windowMs };
      const sample = await measureMiddleRate(input);
      const details = { "per CPU s of the middle": sample.perCpuSecond };
      return { value: sample.perSecond, details, faults: sample.faults };
    },
  };
}

/** 1:1 through a server, without client libraries. */
export const rows: readonly Row[] = [
  ...SIZES.map((size) => rowOf(size, 1)),
  ...SIZES.map((size) => rowOf(size, 1000)),
];
