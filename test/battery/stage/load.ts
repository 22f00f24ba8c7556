/** A server under load: a publisher, those who read, and those who are stopped, each a process. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { forkWorker, type Worker } from "../../../packages/bench/src/harness/fork-worker.ts";
import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { judgeHistories } from "../history/judge-histories.ts";
import type { PublisherMethods } from "../workers/load-publisher.ts";
import type { ReaderKind, ReadersMethods, ReadersReport } from "../workers/load-subscribers.ts";
import type { BatteryServer } from "./battery-server.ts";

const quietMs = 300;
const settleLimitMs = 30_000;

export interface LoadOptions {
  readonly server: BatteryServer;
  readonly topics: readonly string[];
  readonly bytes: number;
  /** Where the histories are written, if at all. */
  readonly historyFolder?: string | undefined;
}

/** A worker that can be stopped as a whole. */
export class Readers implements AsyncDisposable {
  readonly #worker: Worker<ReadersMethods>;
  readonly #load: Load;

  constructor(load: Load, worker: Worker<ReadersMethods>) {
    this.#load = load;
    this.#worker = worker;
  }

  /** It reads nothing from here on. */
  stop(): void {
    process.kill(this.#worker.pid, "SIGSTOP");
  }

  goOn(): void {
    process.kill(this.#worker.pid, "SIGCONT");
  }

  reset(): Promise<void> {
    return this.#worker.call("reset", undefined);
  }

  writeHistory(file: string): Promise<void> {
    return this.#worker.call("writeHistory", { file });
  }

  report(sent: readonly number[]): Promise<ReadersReport> {
    const byTopic = Object.fromEntries(
      this.#load.topics.map((topic, at) => [topic, sent[at] ?? 0]),
    );
    return this.#worker.call("report", { sent: byTopic });
  }

  /** Waits until nothing more comes. */
  async settled(): Promise<void> {
    const endMs = performance.now() + settleLimitMs;
    let before = -1;
    for (;;) {
      const { received } = await this.report([]);
      if (received === before) return;
      if (performance.now() > endMs) throw new Error("the readers never come to rest");
      before = received;
      await sleepMs(quietMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.goOn();
    await this.#worker[Symbol.asyncDispose]();
  }
}

export class Load implements AsyncDisposable {
  readonly topics: readonly string[];
  readonly publisher: Worker<PublisherMethods>;
  readonly #server: BatteryServer;
  readonly #historyFolder: string | undefined;
  readonly #readers: Readers[] = [];

  private constructor(options: LoadOptions, publisher: Worker<PublisherMethods>) {
    this.#server = options.server;
    this.topics = options.topics;
    this.#historyFolder = options.historyFolder;
    this.publisher = publisher;
  }

  static async open(options: LoadOptions): Promise<Load> {
    const { server, topics, bytes } = options;
    const publisher = forkWorker<PublisherMethods>(
      new URL("../workers/load-publisher.ts", import.meta.url),
    );
    const { url, token } = server;
    const isRecorded = options.historyFolder !== undefined;
    await publisher.call("open", { url, token, topics, bytes, isRecorded });
    return new Load(options, publisher);
  }

  /** A process that reads, with a connection for each pattern. */
  async readers(kind: ReaderKind, patterns: readonly string[]): Promise<Readers> {
    const worker = forkWorker<ReadersMethods>(
      new URL("../workers/load-subscribers.ts", import.meta.url),
    );
    const { url, port, token } = this.#server;
    const isRecorded = this.#historyFolder !== undefined;
    await worker.call("open", { url, port, token, kind, patterns, isRecorded });
    const readers = new Readers(this, worker);
    this.#readers.push(readers);
    return readers;
  }

  /** Writes the histories of all that are open, and says what is wrong in them. */
  async historyFaults(): Promise<string[]> {
    const folder = this.#historyFolder;
    if (folder === undefined) return [];
    mkdirSync(folder, { recursive: true });
    await this.publisher.call("writeHistory", { file: join(folder, "publisher.jsonl") });
    for (const [at, readers] of this.#readers.entries()) {
      await readers.writeHistory(join(folder, `readers-${at}.jsonl`));
    }
    return judgeHistories(folder, "at-most-once");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.publisher[Symbol.asyncDispose]();
  }
}
