/** What a process of a row publishes or receives, kept until it is written as a history. */
import { writeFileSync } from "node:fs";
import { monotonicMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { type HistoryEvent, writeHistory } from "../history/history.ts";

/** Of each process so many connections are written down; all are checked by their numbers. */
export const recordedConnections = 10;

/** Each topic counts for a publisher of its own, since its numbers are its own. */
function publisherOf(topic: string): string {
  return `publisher of ${topic}`;
}

export interface DeliveredMessage {
  readonly topic: string;
  readonly n: number;
  readonly content: string;
  /** What was said to be missing before it. */
  readonly missed: number;
}

export class DeliveryLog {
  readonly #events: HistoryEvent[] = [];
  /** Published, and not known to have been taken. */
  #open: HistoryEvent[] = [];

  /** A message is about to be published. */
  published(topic: string, n: number, content: string): void {
    const process = publisherOf(topic);
    const value = { topic, n, content };
    const event = { process, type: "invoke", f: "publish", value, t: monotonicMs() } as const;
    this.#events.push(event);
    this.#open.push(event);
  }

  /** All that was published so far was taken. */
  taken(): void {
    const t = monotonicMs();
    for (const event of this.#open) this.#events.push({ ...event, type: "ok", t });
    this.#open = [];
  }

  subscribed(process: string, pattern: string): void {
    const t = monotonicMs();
    this.#events.push({ process, type: "ok", f: "subscribe", value: pattern, t });
  }

  delivered(process: string, { topic, n, content, missed }: DeliveredMessage): void {
    const t = monotonicMs();
    if (missed > 0) {
      this.#events.push({ process, type: "info", f: "missed", value: { count: missed }, t });
    }
    const value = { publisher: publisherOf(topic), topic, n, content };
    this.#events.push({ process, type: "ok", f: "deliver", value, t });
  }

  write(file: string): void {
    writeFileSync(file, writeHistory(this.#events));
  }
}
