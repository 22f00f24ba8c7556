import { OmnibusError } from "../base/index.ts";
import { Pace, type Readable } from "./pace.ts";

/**
 * What one read may hold on top before the neighbour can be stopped. Programs of ours name each topic
 * with a message to it, and do not come near.
 */
const maxAtOnce = 16_384;

/**
 * How fast a neighbour may bring topics that have no number here. Numbers are the node's, and so many at
 * once take them away from others; who brings more is not read from for a while. [WIRE-7.5]
 */
export class TopicPace extends Pace {
  readonly #perSec: number;
  /** How many too many came since the last tick. */
  #over = 0;

  constructor(perSec: number) {
    super(perSec);
    this.#perSec = perSec;
  }

  /** A topic was new here. Throws `too-many` where it was far too many at once. */
  took(reader: Readable): void {
    if (this.use(1, reader) || ++this.#over <= maxAtOnce) return;
    throw new OmnibusError("too-many", `more than ${this.#perSec} new topics a second, at once`);
  }

  override tick(reader: Readable): void {
    this.#over = 0;
    super.tick(reader);
  }
}
