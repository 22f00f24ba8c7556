import { OmnibusError } from "../base/index.ts";
import type { Session } from "../session/index.ts";

/** So many seconds' worth of new topics may come at once. */
const burstSecs = 4;
/** What is owed is paid back in so many seconds at most, however few topics a second are allowed. */
const debtSecs = 4;
/**
 * What one read may hold on top before the neighbour can be stopped. Programs of ours name each topic
 * with a message to it, and do not come near.
 */
const maxAtOnce = 16_384;

/** What can be read from or not: a session, or an adapter's connection. */
type Readable = Pick<Session, "pauseReading" | "resumeReading">;

/**
 * How fast a neighbour may bring topics that have no number here. Numbers are the node's, and so many at
 * once take them away from others; who brings more is not read from for a while. [WIRE-7.5]
 */
export class TopicPace {
  readonly #perSec: number;
  #left: number;
  /** How many too many came since the last tick. */
  #over = 0;

  constructor(perSec: number) {
    this.#perSec = perSec;
    this.#left = perSec * burstSecs;
  }

  /** Whether as many may come as ever may. */
  get isFull(): boolean {
    return this.#left === this.#perSec * burstSecs;
  }

  /** A topic was new here. Throws `too-many` where it was far too many at once. */
  took(session: Readable): void {
    if (--this.#left >= 0) return;
    if (++this.#over > maxAtOnce) {
      throw new OmnibusError("too-many", `more than ${this.#perSec} new topics a second, at once`);
    }
    this.#left = Math.max(this.#left, -this.#perSec * debtSecs);
    session.pauseReading(this);
  }

  /** A second has passed. */
  tick(session: Readable): void {
    this.#over = 0;
    const most = this.#perSec * burstSecs;
    if (this.isFull) return;
    const wasOver = this.#left < 0;
    this.#left = Math.min(this.#left + this.#perSec, most);
    if (wasOver && this.#left >= 0) session.resumeReading(this);
  }
}
