import type { RequestResult } from "../roles/requester.ts";
import type { SystemName } from "../systems/registry.ts";
import {
  measureRequests,
  measureRequestsInProcess,
  type RequestsInput,
} from "./measure-requests.ts";
import type { Bound, Row } from "./row.ts";

const SIZE = 256;
const MANY = 64;

/** Where requests are answered. */
interface Place {
  readonly name: string;
  readonly peers: readonly SystemName[];
  readonly ceilings: readonly SystemName[];
  readonly oneAtATime: readonly Bound[];
  readonly manyInFlight: readonly Bound[];
  readonly shortPeer?: SystemName;
  readonly note: string;
  measure(input: RequestsInput): Promise<RequestResult>;
}

const places: readonly Place[] = [
  {
    name: "requests",
    peers: ["nats", "nats tuned"],
    ceilings: ["plain forwarder", "raw echo"],
    oneAtATime: [
      { against: "nats", floor: 0.7, goal: 0.5 },
      { against: "nats tuned", floor: 0.7, goal: 0.5 },
      { against: "plain forwarder", floor: 1.4, goal: 1.15 },
    ],
    manyInFlight: [
      { against: "nats", floor: 5, goal: 12 },
      { against: "nats tuned", floor: 5, goal: 12 },
    ],
    shortPeer: "nats",
    note: "requester, server and responder in a process each; a request of ours is two topics",
    measure: measureRequests,
  },
  {
    name: "requests in process",
    peers: ["EventEmitter", "mqemitter"],
    ceilings: [],
    oneAtATime: [],
    manyInFlight: [],
    note: "two topics of one bus or emitter; the payload of 256 B is made and checked each time",
    measure: measureRequestsInProcess,
  },
];

function rowsOf(place: Place): Row[] {
  const common = {
    scenario: "B6",
    ours: "omnibus",
    peers: place.peers,
    ceilings: place.ceilings,
    ...(place.shortPeer === undefined ? {} : { shortPeer: place.shortPeer }),
    isChecked: true,
    note: place.note,
  } as const;
  const oneAtATime: Row = {
    ...common,
    title: `B6 ${place.name}, ${SIZE} B, one at a time: p50`,
    unit: "us",
    better: "lower",
    bounds: place.oneAtATime,
    measure: async (system, { warmupMs, windowMs }) => {
      const input = { system, size: SIZE, inFlight: 1, warmupMs, windowMs };
      const { p50, p99, p999, faults } = await place.measure(input);
      const details = { "p99 us": p99 / 1000, "p99.9 us": p999 / 1000 };
      return { value: p50 / 1000, details, faults };
    },
  };
  const manyInFlight: Row = {
    ...common,
    title: `B6 ${place.name}, ${SIZE} B, ${MANY} in flight`,
    unit: "requests/s",
    better: "higher",
    bounds: place.manyInFlight,
    measure: async (system, { warmupMs, windowMs }) => {
      const input = { system, size: SIZE, inFlight: MANY, warmupMs, windowMs };
      const { perSecond, perCpuSecond, p50, p99, faults } = await place.measure(input);
      const details = {
        ...(perCpuSecond > 0 ? { "per CPU s of the middle": perCpuSecond } : {}),
        "p50 us": p50 / 1000,
        "p99 us": p99 / 1000,
      };
      return { value: perSecond, details, faults };
    },
  };
  return [oneAtATime, manyInFlight];
}

/** A question and its answer. */
export const rows: readonly Row[] = places.flatMap(rowsOf);
