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
  /** Requests that are answered in this process, with their own payload. */
  openRequests?(topic: string): Promise<Requester>;
}

/** Who sends requests, wherever they are answered. */
export interface Requester extends AsyncDisposable {
  request(topic: string, payload: Uint8Array): Promise<Uint8Array>;
}

/** Counts deliveries and sums what they carry; shared by all systems so that all pay the same. */
export class Summer {
  delivered = 0;
  /** The sum of the values, in 32 bits. */
  sum = 0;
  /** The sum of all sums so far, in 32 bits: tells one order from another. */
  order = 0;

  /** Reads one value. */
  take(value: SmallValue): void {
    this.takeNumber(value.n);
  }

  /** Reads one value that is a bare number. */
  takeNumber(value: number): void {
    this.delivered += 1;
    this.sum = (this.sum + value) | 0;
    this.order = (this.order + this.sum) | 0;
  }

  /** What is wrong after `count` of `values` in turn were published; empty when all is well. */
  faults(values: readonly SmallValue[], count: number): string[] {
    const expected = new Summer();
    for (let index = 0; index < count; index += 1) {
      expected.takeNumber(values[index % values.length]?.n ?? 0);
    }
    const faults: string[] = [];
    if (this.delivered < count) faults.push(`${count - this.delivered} lost`);
    if (this.delivered > count) faults.push(`${this.delivered - count} duplicated`);
    if (faults.length > 0) return faults;
    if (this.sum !== expected.sum) faults.push("corrupted: a wrong sum");
    else if (this.order !== expected.order)
      faults.push("reordered: the right sum in a wrong order");
    return faults;
  }
}
