import type { SystemName } from "../systems/registry.ts";
import { measureMiddleLatency, measureMiddleRate } from "./measure-middles.ts";
import type { Bound, Row } from "./row.ts";

const SIZE = 256;
/** Payload bytes on their way to each subscriber. */
const WINDOW_BYTES = 64 * 1024;
const OPEN_LOOP_PER_SECOND = 20;
const OPEN_LOOP_FACTOR = 3;

interface Kind {
  readonly name: string;
  readonly ours: SystemName;
  readonly peers: readonly SystemName[];
  readonly ceilings: readonly SystemName[];
  readonly saturated: readonly Bound[];
  readonly openLoop: readonly Bound[];
  readonly shortPeer: SystemName;
}

const kinds: readonly Kind[] = [
  {
    name: "native",
    ours: "omnibus",
    peers: ["nats", "redis"],
    ceilings: ["plain forwarder"],
    saturated: [{ against: "nats", floor: 1.5, goal: 3 }],
    openLoop: [{ against: "nats", floor: 1 }],
    shortPeer: "nats",
  },
  {
    name: "JSON WebSocket",
    ours: "omnibus json",
    peers: ["socket.io", "socket.io tuned", "ws", "ws tuned"],
    ceilings: ["plain forwarder"],
    saturated: [{ against: "socket.io", floor: 10, goal: 25 }],
    openLoop: [],
    shortPeer: "socket.io",
  },
];

const NOTE =
  "receivers count raw bytes, all in one process, so that no client hides the middle; " +
  "at most 64 KiB of payload, and the write that goes beyond it, outstanding per subscriber, of every " +
  "system alike";

function rowsOf(kind: Kind, subscribers: number): Row[] {
  const common = {
    scenario: "B4",
    ours: kind.ours,
    peers: kind.peers,
    ceilings: kind.ceilings,
    isChecked: subscribers === 100,
    note: NOTE,
  } as const;
  const inputOf = (system: SystemName, shrink: number) => ({
    system,
    size: SIZE,
    topicCount: 1,
    connections: Math.ceil(subscribers / shrink),
    windowBytes: WINDOW_BYTES,
  });
  const saturated: Row = {
    ...common,
    title: `B4 1:${subscribers}, ${SIZE} B, ${kind.name}, saturated`,
    unit: "deliveries/s",
    better: "higher",
    bounds: kind.saturated,
    ...(subscribers === 100 ? { shortPeer: kind.shortPeer } : {}),
    measure: async (system, { warmupMs, windowMs, shrink }) => {
      const input = { ...inputOf(system, shrink), warmupMs, windowMs };
      const sample = await measureMiddleRate(input);
      const details = { "per CPU s of the middle": sample.perCpuSecond };
      return { value: sample.perSecond, details, faults: sample.faults };
    },
  };
  const openLoop: Row = {
    ...common,
    // Nobody is busy at 20 messages a second: what is tuned for throughput has nothing to gain.
    peers: kind.peers.filter((name) => !name.endsWith("tuned")),
    title: `B4 1:${subscribers}, ${SIZE} B, ${kind.name}, 20 msg/s: p99 of the last subscriber`,
    unit: "us",
    better: "lower",
    bounds: kind.openLoop,
    measure: async (system, { warmupMs, windowMs, shrink }) => {
      const input = { ...inputOf(system, shrink), warmupMs, windowMs: windowMs * OPEN_LOOP_FACTOR };
      const sample = await measureMiddleLatency(input, OPEN_LOOP_PER_SECOND);
      const details = { "p50 us": sample.p50, "p99.9 us": sample.p999 };
      return { value: sample.p99, details, faults: sample.faults };
    },
  };
  return [saturated, openLoop];
}

/** One publisher, many subscribers. */
export const rows: readonly Row[] = kinds.flatMap((kind) =>
  [100, 1000].flatMap((subscribers) => rowsOf(kind, subscribers)),
);
