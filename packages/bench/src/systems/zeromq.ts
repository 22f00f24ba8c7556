import { Publisher, Subscriber } from "zeromq";
import { startNodeMiddle } from "../middles/node-middle.ts";
import { sleepMs } from "../harness/monotonic.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { Address, ClientRole, ProgramClient, System } from "./system.ts";

/** A subscription travels through the proxy without any confirmation. */
const SETTLE_MS = 200;

async function connect(address: Address, role: ClientRole): Promise<ProgramClient> {
  return role === "sends" ? connectPublisher(address) : connectSubscriber(address);
}

async function connectPublisher({ ports }: Address): Promise<ProgramClient> {
  const socket = new Publisher({ sendHighWaterMark: 0 });
  socket.connect(`tcp://127.0.0.1:${ports?.["in"]}`);
  // Only one send may be under way, so what cannot go at once waits here.
  const queue: [string, Uint8Array][] = [];
  let isSending = false;
  let whenEmpty: (() => void) | undefined;
  const pump = async (): Promise<void> => {
    isSending = true;
    for (let at = 0; at < queue.length; at += 1) {
      const next = queue[at];
      if (next !== undefined) await socket.send(next);
    }
    queue.length = 0;
    isSending = false;
    whenEmpty?.();
    whenEmpty = undefined;
  };
  await sleepMs(SETTLE_MS);
  return {
    publish(topic, payload): boolean {
      queue.push([topic, payload]);
      if (!isSending) void pump();
      return false;
    },
    drained: () =>
      new Promise((resolve) => {
        if (isSending) whenEmpty = resolve;
        else resolve();
      }),
    subscribe: () => Promise.reject(new Error("this client sends")),
    [Symbol.asyncDispose]: async (): Promise<void> => socket.close(),
  };
}

async function connectSubscriber({ ports }: Address): Promise<ProgramClient> {
  const socket = new Subscriber({ receiveHighWaterMark: 0 });
  socket.connect(`tcp://127.0.0.1:${ports?.["out"]}`);
  return {
    publish: () => false,
    drained: () => Promise.resolve(),
    async subscribe(topics, handler): Promise<void> {
      socket.subscribe(...topics);
      void read(socket, handler);
      await sleepMs(SETTLE_MS);
    },
    [Symbol.asyncDispose]: async (): Promise<void> => socket.close(),
  };
}

async function read(socket: Subscriber, handler: (payload: Uint8Array) => void): Promise<void> {
  for await (const [, payload] of socket) if (payload !== undefined) handler(payload);
}

/** ZeroMQ: PUB, an XSUB/XPUB proxy in a process of its own, SUB. */
export const system: System = {
  name: "zeromq",
  policy: {
    batching: "libzmq: what its I/O thread finds",
    acknowledgement: "none",
    flow: `${NO_FLOW_CONTROL}; high-water marks 0, or it would drop`,
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("zeromq-proxy.ts", options),
  programs: { connect },
};
