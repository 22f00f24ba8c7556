import type { AddressBook } from "../routing/index.ts";
import { TopicPace } from "./topic-pace.ts";

/** What paces of views need of the bus. */
export interface PaceHost {
  readonly book: AddressBook;
  /** Those that are to be called every second. */
  readonly paces: Set<ViewPace>;
}

/**
 * The pace of new topics for somebody who came in through an adapter: too fast is told as a publisher is
 * told of full queues, and the adapter does not read from it until all is paid for. One for each caller,
 * whatever credentials it shows.
 */
export class ViewPace {
  readonly #host: PaceHost;
  readonly #pace: TopicPace;
  #waiting: (() => void)[] = [];
  /** Whether nothing more should be published for now. */
  isOver = false;

  constructor(host: PaceHost, maxNewTopicsPerSec: number) {
    this.#host = host;
    this.#pace = new TopicPace(maxNewTopicsPerSec);
  }

  /** Somebody publishes to that topic. Throws `too-many` where far too many were new at once. */
  uses(topic: string): void {
    if (this.#host.book.find("topic", topic) !== undefined) return;
    this.#host.paces.add(this);
    this.#pace.took(this);
  }

  /** Resolves when more may be published. */
  paid(): Promise<void> {
    if (!this.isOver) return Promise.resolve();
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  /** A second has passed. */
  tick(): void {
    this.#pace.tick(this);
    if (this.#pace.isFull) this.#host.paces.delete(this);
  }

  pauseReading(): void {
    this.isOver = true;
  }

  resumeReading(): void {
    this.isOver = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
