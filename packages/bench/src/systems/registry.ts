import type { System } from "./system.ts";

/** The name of a system, as rows show it. */
export type SystemName =
  | "omnibus"
  | "omnibus ws"
  | "omnibus unpaced"
  | "omnibus drop"
  | "omnibus json"
  | "nats"
  | "nats tuned"
  | "redis"
  | "mosquitto"
  | "zeromq"
  | "socket.io"
  | "socket.io tuned"
  | "ws"
  | "ws tuned"
  | "aedes"
  | "mqemitter"
  | "EventEmitter"
  | "plain forwarder"
  | "raw echo"
  | "planted fault";

type Loader = () => Promise<{ readonly system: System }>;

/** Loads each system only in the processes that use it. */
const loaders: Readonly<Record<SystemName, Loader>> = {
  omnibus: () => import("./omnibus.ts"),
  "omnibus ws": () => import("./omnibus-ws.ts"),
  "omnibus unpaced": () => import("./omnibus-unpaced.ts"),
  "omnibus drop": () => import("./omnibus-drop.ts"),
  "omnibus json": () => import("./omnibus-json.ts"),
  nats: () => import("./nats.ts"),
  "nats tuned": () => import("./nats-tuned.ts"),
  redis: () => import("./redis.ts"),
  mosquitto: () => import("./mosquitto.ts"),
  zeromq: () => import("./zeromq.ts"),
  "socket.io": () => import("./socket-io.ts"),
  "socket.io tuned": () => import("./socket-io-tuned.ts"),
  ws: () => import("./ws.ts"),
  "ws tuned": () => import("./ws-tuned.ts"),
  aedes: () => import("./aedes.ts"),
  mqemitter: () => import("./mqemitter.ts"),
  EventEmitter: () => import("./event-emitter.ts"),
  "plain forwarder": () => import("./plain.ts"),
  "raw echo": () => import("./echo.ts"),
  "planted fault": () => import("./planted-fault.ts"),
};

/** All names, ours first. */
export const systemNames: readonly SystemName[] = Object.keys(loaders) as SystemName[];

/** Loads a system. */
export async function loadSystem(name: SystemName): Promise<System> {
  return (await loaders[name]()).system;
}
