/** Readers of the load, native and JSON: what came, in which order, how late, and what was said to be missed. */
import { monotonicMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { Histogram, type HistogramData } from "../../../packages/bench/src/stats/histogram.ts";
import { SequenceChecker } from "../../../packages/bench/src/stats/sequence-checker.ts";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { DeliveryLog, recordedConnections } from "./delivery-log.ts";
import { contentOf, readLoad } from "./load-payload.ts";

export type ReaderKind = "native" | "json";

export interface ReaderInput {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly kind: ReaderKind;
  /** One connection for each. */
  readonly patterns: readonly string[];
  /** Whether a history of the first few can be written afterwards. */
  readonly isRecorded: boolean;
}

export interface ReadersReport {
  /** Of all connections. */
  readonly received: number;
  /** What they were told that they missed. */
  readonly missed: number;
  /** Numbers that did not come, by `sent`. */
  readonly lost: number;
  readonly faults: readonly string[];
  /** Microseconds from publish to receipt, since the last reset. */
  readonly latency: HistogramData;
}

const log = new DeliveryLog();

class Reader {
  readonly pattern: string;
  /** Its name in the history, if it is in it. */
  readonly #name: string | undefined;
  readonly #checkers = new Map<string, SequenceChecker>();
  received = 0;
  missed = 0;

  constructor(pattern: string, name: string | undefined) {
    this.pattern = pattern;
    this.#name = name;
  }

  hasSubscribed(): void {
    if (this.#name !== undefined) log.subscribed(this.#name, this.pattern);
  }

  take(topic: string, text: string, missed: number): void {
    const { n, timeMs } = readLoad(text);
    if (timeMs > 0) latency.record((monotonicMs() - timeMs) * 1000);
    let checker = this.#checkers.get(topic);
    if (checker === undefined) this.#checkers.set(topic, (checker = new SequenceChecker()));
    checker.accept(n);
    if (this.#name !== undefined) {
      log.delivered(this.#name, { topic, n, content: contentOf(text), missed });
    }
    this.received++;
    this.missed += missed;
  }

  judge(sent: Readonly<Record<string, number>>): { lost: number; faults: string[] } {
    const faults: string[] = [];
    let lost = 0;
    for (const [topic, count] of Object.entries(sent)) {
      if (this.pattern !== topic && !this.pattern.endsWith("**")) continue;
      const verdict = (this.#checkers.get(topic) ?? new SequenceChecker()).verdict(count);
      lost += verdict.lost;
      const { duplicated, reordered, unexpected } = verdict;
      const bad = duplicated + reordered + unexpected;
      if (bad > 0)
        faults.push(
          `${topic}: ${duplicated} twice, ${reordered} out of order, ${unexpected} never sent`,
        );
    }
    return { lost, faults };
  }
}

const readers: Reader[] = [];
let latency = new Histogram();

async function openReader(input: ReaderInput, pattern: string): Promise<void> {
  const { url, port, token, kind, isRecorded } = input;
  const isInHistory = isRecorded && readers.length < recordedConnections;
  const name = `${kind} reader ${readers.length} of process ${process.pid}`;
  const reader = new Reader(pattern, isInHistory ? name : undefined);
  readers.push(reader);
  if (kind === "native") {
    const bus = await openBus({ connect: url, credentials: { kind: "token", token } });
    const subscription = bus.subscribe<string>(pattern, ({ topic, value, missed }) =>
      reader.take(topic, value, missed),
    );
    await subscription.ready;
    reader.hasSubscribed();
    return;
  }
  const peer = await JsonPeer.open(port, token);
  await peer.ask({ type: "subscribe", topic: pattern, replay: 0, confirm: true });
  reader.hasSubscribed();
  peer.socket.removeAllListeners("message");
  peer.socket.on("message", (data: Buffer) => {
    const said = JSON.parse(data.toString()) as { topic: string; payload: string; missed?: number };
    reader.take(said.topic, said.payload, said.missed ?? 0);
  });
}

export type ReadersMethods = typeof methods;

export const methods = {
  async open(input: ReaderInput): Promise<void> {
    for (const pattern of input.patterns) await openReader(input, pattern);
  },
  async reset(_input: undefined): Promise<void> {
    latency = new Histogram();
  },
  async writeHistory({ file }: { file: string }): Promise<void> {
    log.write(file);
  },
  /** By how many were sent to each topic. */
  async report({ sent }: { sent: Readonly<Record<string, number>> }): Promise<ReadersReport> {
    const judged = readers.map((reader) => reader.judge(sent));
    return {
      received: readers.reduce((sum, reader) => sum + reader.received, 0),
      missed: readers.reduce((sum, reader) => sum + reader.missed, 0),
      lost: judged.reduce((sum, one) => sum + one.lost, 0),
      faults: judged.flatMap((one) => one.faults).slice(0, 5),
      latency: latency.toData(),
    };
  },
} as const;
