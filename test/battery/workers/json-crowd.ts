/** Many JSON connections that subscribe to one topic, count what comes and check its numbers. */
import { SequenceChecker, faultsOf } from "../../../packages/bench/src/stats/sequence-checker.ts";
import { DeliveryLog, recordedConnections } from "./delivery-log.ts";
import { contentOf, readLoad } from "./load-payload.ts";
import { JsonPeer } from "../stage/json-peer.ts";

export interface CrowdInput {
  readonly port: number;
  readonly token: string;
  readonly topic: string;
  readonly connections: number;
}

export interface CrowdReport {
  readonly received: number;
  /** The first few. */
  readonly faults: readonly string[];
  readonly faulty: number;
  readonly open: number;
}

interface Broadcast {
  readonly payload: string;
  readonly missed?: number;
}

const log = new DeliveryLog();
let joined = 0;
const openedAtOnce = 50;
const members: { peer: JsonPeer; checker: SequenceChecker }[] = [];
let received = 0;
let wanted = Number.POSITIVE_INFINITY;
let reached: (() => void) | undefined;

async function join({ port, token, topic }: CrowdInput): Promise<void> {
  const at = joined++;
  const name = `JSON connection ${at} of process ${process.pid}`;
  const isInHistory = at < recordedConnections;
  const peer = await JsonPeer.open(port, token);
  await peer.ask({ type: "subscribe", topic, replay: 0, confirm: true });
  if (isInHistory) log.subscribed(name, topic);
  const checker = new SequenceChecker();
  peer.socket.removeAllListeners("message");
  peer.socket.on("message", (data: Buffer) => {
    const { payload, missed = 0 } = JSON.parse(data.toString()) as Broadcast;
    const { n } = readLoad(payload);
    checker.accept(n);
    if (isInHistory) log.delivered(name, { topic, n, content: contentOf(payload), missed });
    received++;
    if (received >= wanted) reached?.();
  });
  members.push({ peer, checker });
}

export type CrowdMethods = typeof methods;

export const methods = {
  async open(input: CrowdInput): Promise<void> {
    for (let left = input.connections; left > 0; left -= openedAtOnce) {
      await Promise.all(Array.from({ length: Math.min(left, openedAtOnce) }, () => join(input)));
    }
  },
  async writeHistory({ file }: { file: string }): Promise<void> {
    log.write(file);
  },
  /** Waits until each has got `messages`, or `limitMs`; then says what was wrong with any. */
  async report({ messages, limitMs }: { messages: number; limitMs: number }): Promise<CrowdReport> {
    wanted = messages * members.length;
    if (received < wanted) {
      const all = Promise.withResolvers<void>();
      reached = all.resolve;
      const timer = setTimeout(all.resolve, limitMs);
      await all.promise;
      clearTimeout(timer);
    }
    const wrong = members.map(({ checker }) => faultsOf(checker.verdict(messages)));
    const faults = wrong.filter((one) => one.length > 0);
    const open = members.filter(({ peer }) => peer.socket.readyState === 1).length;
    return {
      received,
      faults: faults.slice(0, 5).map((one) => one.join(", ")),
      faulty: faults.length,
      open,
    };
  },
} as const;
