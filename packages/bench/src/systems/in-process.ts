/** What is published within one process: read and summed by the subscriber. */
export interface SmallValue {
  readonly n: number;
}

/** How the subscriber takes its messages, and whether it names the topic or a pattern. */
export interface InProcessShape {
  readonly delivery: "handler" | "batches" | "for-await";
  readonly match: "exact" | "wildcard";
}

/** What `open` is given: publish `values` in turn, to `topics` in turn. Both lengths are powers of two. */
export interface InProcessInput extends InProcessShape {
  readonly topics: readonly string[];
  /** Matches all of `topics`; `*` stands for one segment. */
  readonly pattern: string;
  readonly values: readonly SmallValue[];
}

/** One publisher and one subscriber within this process. */
export interface InProcessRun {
  /** Publishes `count` values and resolves when all of them were delivered. */
  publish(count: number): void | Promise<void>;
  /** What was delivered so far. */
  readonly summer: Summer;
  close(): void | Promise<void>;
}

/** A system as it is used within one process. */
export interface InProcess {
  supports(shape: InProcessShape): boolean;
  open(input: InProcessInput): Promise<InProcessRun>;
}

/** Counts deliveries and sums what they carry; shared by all systems so that all pay the same. */
export class Summer {
  sum = 0;
  delivered = 0;

  /** Reads one value. */
  take(value: SmallValue): void {
    this.sum += value.n;
    this.delivered += 1;
  }

  /** Reads one value that is a bare number. */
  takeNumber(value: number): void {
    this.sum += value;
    this.delivered += 1;
  }
}
