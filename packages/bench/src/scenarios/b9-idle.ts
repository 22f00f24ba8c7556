import { measureIdle } from "./measure-idle.ts";
import type { Row } from "./row.ts";

const CONNECTIONS = 5000;

const common = {
  scenario: "B9",
  unit: "bytes/connection",
  better: "lower",
  maxRounds: 3,
  isChecked: true,
  note: "growth of the middle's resident memory after two collections; each connection subscribes",
} as const;

async function sampleOf(system: Parameters<Row["measure"]>[0], shrink: number) {
  const sample = await measureIdle(system, Math.ceil(CONNECTIONS / shrink));
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
    peers: ["nats", "redis", "mosquitto"],
    ceilings: ["plain forwarder"],
    bounds: [],
    measure: (system, { shrink }) => sampleOf(system, shrink),
  },
  {
    ...common,
    title: `B9 ${CONNECTIONS} idle connections, WebSocket`,
    ours: "omnibus json",
    peers: ["ws", "socket.io"],
    ceilings: ["plain forwarder"],
    bounds: [{ against: "ws", floor: 0.9, goal: 0.65 }],
    shortPeer: "ws",
    measure: (system, { shrink }) => sampleOf(system, shrink),
  },
];
