/** Somebody who has nothing to do with it: echoes through the server, beside a plain echo, and how long each took. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { JsonPeer } from "../stage/json-peer.ts";

export interface BystanderInput {
  readonly port: number;
  readonly token: string;
  /** Of the plain echo. */
  readonly controlPort: number;
}

/** What it saw. */
export interface BystanderReport {
  readonly echoes: number;
  /** The longest echo through the server. */
  readonly worstMs: number;
  /** By how much the server's echo was at most slower than the plain one of the same moment. */
  readonly worstExcessMs: number;
  /** Answers that were not the echo. */
  readonly wrong: number;
}

const pauseMs = 2;
const topic = "battery/bystander";

let isStopped = false;
let done: Promise<BystanderReport> | undefined;

async function controlEcho(socket: Socket): Promise<number> {
  const began = performance.now();
  socket.write("x");
  await once(socket, "data");
  return performance.now() - began;
}

async function watch(peer: JsonPeer, control: Socket): Promise<BystanderReport> {
  let echoes = 0;
  let worstMs = 0;
  let worstExcessMs = 0;
  let wrong = 0;
  while (!isStopped) {
    const began = performance.now();
    const [plainMs, [echoMs, echo]] = await Promise.all([
      controlEcho(control),
      peer
        .ask({ type: "publish", topic, payload: echoes })
        .then((heard) => [performance.now() - began, heard] as const),
    ]);
    if (echo["payload"] !== echoes) wrong++;
    if (echo["type"] === "closed") break;
    echoes++;
    worstMs = Math.max(worstMs, echoMs);
    worstExcessMs = Math.max(worstExcessMs, echoMs - plainMs);
    await sleepMs(pauseMs);
  }
  peer[Symbol.dispose]();
  return { echoes, worstMs, worstExcessMs, wrong };
}

export type BystanderMethods = typeof methods;

export const methods = {
  async start({ port, token, controlPort }: BystanderInput): Promise<void> {
    const control = connect(controlPort, "127.0.0.1");
    control.setNoDelay(true);
    await once(control, "connect");
    const peer = await JsonPeer.open(port, token);
    await peer.ask({ type: "subscribe", topic, replay: 0, confirm: true });
    done = watch(peer, control);
  },
  async stop(_input: undefined): Promise<BystanderReport> {
    isStopped = true;
    if (done === undefined) throw new Error("not started");
    return await done;
  },
} as const;
