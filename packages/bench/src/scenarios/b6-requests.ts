import { measureRequests } from "./measure-requests.ts";
import type { Row } from "./row.ts";

const SIZE = 256;

const common = {
  scenario: "B6",
  ours: "omnibus",
  peers: ["nats"],
  ceilings: ["plain forwarder", "raw echo"],
  shortPeer: "nats",
  isChecked: true,
} as const;

const oneAtATime: Row = {
  ...common,
  title: `B6 requests, ${SIZE} B, one at a time: p50`,
  unit: "us",
  better: "lower",
  bounds: [
    { against: "nats", floor: 0.7, goal: 0.5 },
    { against: "plain forwarder", floor: 1.4, goal: 1.15 },
  ],
  measure: async (system, { warmupMs, windowMs }) => {
    const result = await measureRequests({ system, size: SIZE, inFlight: 1, warmupMs, windowMs });
    return {
      value: result.p50 / 1000,
      details: { "p99 us": result.p99 / 1000, "p99.9 us": result.p999 / 1000 },
      faults: result.faults,
    };
  },
};

const manyInFlight: Row = {
  ...common,
  title: `B6 requests, ${SIZE} B, 64 in flight`,
  unit: "requests/s",
  better: "higher",
  bounds: [{ against: "nats", floor: 5, goal: 12 }],
  measure: async (system, { warmupMs, windowMs }) => {
    const result = await measureRequests({ system, size: SIZE, inFlight: 64, warmupMs, windowMs });
    return {
      value: result.perSecond,
      details: { "per CPU s of the middle": result.perCpuSecond, "p99 us": result.p99 / 1000 },
      faults: result.faults,
    };
  },
};

/** Requests through a server. */
export const rows: readonly Row[] = [oneAtATime, manyInFlight];
