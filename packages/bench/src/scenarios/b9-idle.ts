import { measureIdle } from "./measure-idle.ts";
import type { Row, Sample, Timing } from "./row.ts";

const CONNECTIONS = 5000;

const common = {
  scenario: "B9",
  unit: "bytes/connection",
  better: "lower",
  isChecked: true,
  note:
    "growth of the middle's resident memory, 1 s after the last connection and two collections, after 200 " +
    "others came and went; each connection subscribes",
} as const;

async function sampleOf(
  system: Parameters<Row["measure"]>[0],
  { shrink, settleMs }: Timing,
): Promise<Sample> {
  const connections = Math.ceil(CONNECTIONS / shrink);
  const sample = await measureIdle(system, connections, settleMs);
  const details: Record<string, number> = {};
  if (sample.liveBytes > 0) details["live heap and external bytes"] = sample.liveBytes;
  return { value: sample.residentBytes, details, faults: sample.faults };
}

/** Memory of connections that say nothing. */
export const rows: readonly Row[] = [
  {
    ...common,
    title: `B9 ${CONNECTIONS} idle connections, native`,
    ours: "omnibus",
    peers: ["nats", "mosquitto"],
    ceilings: ["plain forwarder"],
    bounds: [],
    measure: sampleOf,
  },
  {
    ...common,
    title: `B9 ${CONNECTIONS} idle connections, WebSocket`,
    ours: "omnibus json",
    peers: ["ws", "ws tuned", "socket.io"],
    ceilings: ["plain forwarder"],
    bounds: [{ against: "ws", floor: 0.9, goal: 0.65 }],
    shortPeer: "ws",
    measure: sampleOf,
  },
];
