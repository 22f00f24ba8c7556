import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchesPattern } from "../base/index.ts";
import { FakeClock } from "../testing/index.ts";
import { type HistoryRule, MemoryHistory } from "./memory-history.ts";

interface Entry {
  readonly topic: string;
  readonly n: number;
  readonly size: number;
}

interface Limits {
  readonly countPerTopic: number;
  readonly ttlMs: number;
  readonly maxTopics: number;
  readonly maxBytes: number;
  readonly rules: readonly HistoryRule[];
}

const generous: Limits = {
  countPerTopic: 10,
  ttlMs: 3_600_000,
  maxTopics: 10_000,
  maxBytes: 1e9,
  rules: [],
};

function make(limits: Partial<Limits> = {}): { clock: FakeClock; history: MemoryHistory<Entry> } {
  const clock = new FakeClock();
  const sizeOf = (entry: Entry): number => entry.size;
  return {
    clock,
    history: new MemoryHistory<Entry>({ clock, sizeOf, ...generous, ...limits }),
  };
}

const numbers = (entries: readonly Entry[]): number[] => entries.map((entry) => entry.n);

test("[JSON-8.1] the last ten of a covered topic are kept, in order; others are not stored", () => {
  const { history } = make();
  history.cover("a");
  for (let n = 0; n < 25; n++) history.append({ topic: "a", n, size: 1 });
  history.append({ topic: "b", n: 0, size: 1 });
  assert.deepEqual(numbers(history.last("a", 100)), [15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
  assert.deepEqual(numbers(history.last("a", 3)), [22, 23, 24]);
  assert.deepEqual(history.last("a", 0), []);
  assert.deepEqual(history.last("b", 10), []);
  assert.equal(history.bytes, 10);
});

test("[JSON-8.1] a pattern gives the last of each topic that it matches, merged in time order", () => {
  const { history } = make({ rules: [{ pattern: "chat/**", count: 2 }] });
  const topics = ["chat/a", "chat/b", "chat/a", "chat/b", "chat/a", "other"];
  topics.forEach((topic, n) => history.append({ topic, n, size: 1 }));
  assert.deepEqual(numbers(history.last("chat/*", 2)), [1, 2, 3, 4]);
  assert.deepEqual(numbers(history.last("chat/*", 1)), [3, 4]);
  assert.deepEqual(numbers(history.last("**", 5)), [1, 2, 3, 4]);
});

test("[JSON-8.2] an entry is given out until one millisecond before its time to live", () => {
  const { clock, history } = make({ ttlMs: 1000 });
  history.cover("a");
  history.append({ topic: "a", n: 1, size: 5 });
  clock.advance(999);
  assert.deepEqual(numbers(history.last("a", 10)), [1]);
  clock.advance(1);
  assert.deepEqual(history.last("a", 10), []);
  assert.equal(history.bytes, 0);
  assert.ok(history.covers("a"));
});

test("expire frees what nobody asks for", () => {
  const { clock, history } = make({ ttlMs: 1000 });
  for (const topic of ["a", "b", "c"]) {
    history.cover(topic);
    history.append({ topic, n: 1, size: 5 });
  }
  clock.advance(1000);
  assert.equal(history.bytes, 15);
  history.expire();
  assert.equal(history.bytes, 0);
  assert.equal(history.topics, 3);
});

test("[JSON-8.3] the topic used least recently is forgotten, and the version tells", () => {
  const { history } = make({ maxTopics: 2 });
  history.cover("a");
  history.cover("b");
  history.append({ topic: "a", n: 1, size: 1 });
  const version = history.version;
  history.cover("c");
  assert.notEqual(history.version, version);
  assert.deepEqual(
    [history.covers("a"), history.covers("b"), history.covers("c")],
    [true, false, true],
  );
});

test("[JSON-8.3] bytes are taken from topics used least recently, which stay covered", () => {
  const { history } = make({ maxBytes: 100 });
  for (const topic of ["a", "b"]) history.cover(topic);
  history.append({ topic: "a", n: 1, size: 30 });
  history.append({ topic: "a", n: 2, size: 30 });
  history.append({ topic: "b", n: 3, size: 60 });
  assert.deepEqual(numbers(history.last("a", 9)), [2]);
  assert.equal(history.bytes, 90);
  history.append({ topic: "b", n: 4, size: 100 });
  assert.deepEqual(history.last("a", 9), []);
  assert.deepEqual(numbers(history.last("b", 9)), [4]);
  history.append({ topic: "b", n: 5, size: 101 });
  assert.deepEqual(numbers(history.last("b", 9)), [4], "what never fits is not stored");
  assert.ok(history.covers("a"));
});

test("a rule with count 0 keeps a topic out although it is covered by name", () => {
  const { history } = make({ rules: [{ pattern: "secret/**", count: 0 }] });
  history.cover("secret/x");
  assert.equal(history.covers("secret/x"), false);
  history.append({ topic: "secret/x", n: 1, size: 1 });
  assert.equal(history.entries, 0);
});

/** The same contract in the plainest words: arrays, searched from end to end. */
class NaiveHistory {
  readonly limits: Limits;
  used: { topic: string; isCovered: boolean }[] = [];
  kept: (Entry & { at: number })[] = [];

  constructor(limits: Limits) {
    this.limits = limits;
  }

  rule(topic: string): HistoryRule | undefined {
    return this.limits.rules.find((rule) => matchesPattern(rule.pattern, topic));
  }

  covers(topic: string): boolean {
    const rule = this.rule(topic);
    if (rule !== undefined) return rule.count > 0;
    return this.used.some((use) => use.topic === topic && use.isCovered);
  }

  use(topic: string, isCovered: boolean): void {
    const known = this.used.find((use) => use.topic === topic);
    if (known === undefined && this.used.length >= this.limits.maxTopics) {
      const gone = this.used.shift();
      this.kept = this.kept.filter((entry) => entry.topic !== gone?.topic);
    }
    this.used = this.used.filter((use) => use.topic !== topic);
    this.used.push(known ?? { topic, isCovered });
  }

  cover(topic: string): void {
    const rule = this.rule(topic);
    if (rule?.count !== 0) this.use(topic, rule === undefined);
  }

  append(entry: Entry, at: number): void {
    if (!this.covers(entry.topic)) return;
    if (entry.size > this.limits.maxBytes) return;
    this.use(entry.topic, false);
    const count = this.rule(entry.topic)?.count ?? this.limits.countPerTopic;
    this.kept.push({ ...entry, at });
    const mine = this.kept.filter((other) => other.topic === entry.topic);
    if (mine.length > count) this.kept = this.kept.filter((other) => other !== mine[0]);
    this.forgetExpired(at);
    while (this.bytes > this.limits.maxBytes) {
      const oldest = this.used.find((use) => this.kept.some((k) => k.topic === use.topic))?.topic;
      const first = this.kept.find((other) => other.topic === oldest);
      this.kept = this.kept.filter((other) => other !== first);
    }
  }

  forgetExpired(at: number): void {
    this.kept = this.kept.filter((entry) => at - entry.at < this.limits.ttlMs);
  }

  get bytes(): number {
    return this.kept.reduce((sum, entry) => sum + entry.size, 0);
  }

  last(pattern: string, count: number, at: number): number[] {
    this.forgetExpired(at);
    if (!pattern.includes("*") && count > 0) {
      const known = this.used.find((use) => use.topic === pattern);
      if (known !== undefined) this.use(pattern, known.isCovered);
    }
    const matching = this.kept.filter((entry) => matchesPattern(pattern, entry.topic));
    return matching
      .filter((entry) => {
        const after = matching.slice(matching.indexOf(entry) + 1);
        return after.filter((other) => other.topic === entry.topic).length < count;
      })
      .map((entry) => entry.n);
  }
}

const topicArbitrary = fc.constantFrom("a", "b", "x/a", "x/b", "x/y/c", "none/z", "$sys/a");
const stepArbitrary = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cover" as const), topic: topicArbitrary }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("append" as const),
      topic: topicArbitrary,
      size: fc.integer({ min: 0, max: 60 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("last" as const),
      pattern: fc.constantFrom("a", "x/a", "x/*", "**", "x/**", "*", "none/z"),
      count: fc.integer({ min: 0, max: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(40) }) },
);

test("the history does what a naive one does, step for step", () => {
  const limits = fc.record({
    countPerTopic: fc.integer({ min: 1, max: 4 }),
    ttlMs: fc.integer({ min: 20, max: 200 }),
    maxTopics: fc.integer({ min: 1, max: 6 }),
    maxBytes: fc.integer({ min: 50, max: 300 }),
    rules: fc.constantFrom<HistoryRule[][]>(
      [],
      [
        { pattern: "x/*", count: 2 },
        { pattern: "none/**", count: 0 },
      ],
    ),
  });
  fc.assert(
    fc.property(
      limits,
      fc.array(stepArbitrary, { maxLength: 80, size: "max" }),
      (chosen, steps) => {
        const { clock, history } = make(chosen);
        const naive = new NaiveHistory(chosen);
        let n = 0;
        for (const step of steps) {
          if (step.do === "cover") {
            history.cover(step.topic);
            naive.cover(step.topic);
          } else if (step.do === "append") {
            const entry = { topic: step.topic, size: step.size, n: n++ };
            history.expire();
            history.append(entry);
            naive.forgetExpired(clock.wallMs());
            naive.append(entry, clock.wallMs());
            assert.equal(history.bytes, naive.bytes);
            assert.equal(history.entries, naive.kept.length);
          } else if (step.do === "last") {
            const found = numbers(history.last(step.pattern, step.count));
            assert.deepEqual(found, naive.last(step.pattern, step.count, clock.wallMs()));
          } else clock.advance(step.ms);
          for (const topic of ["a", "x/a", "none/z"]) {
            assert.equal(history.covers(topic), naive.covers(topic));
          }
          assert.ok(history.bytes <= chosen.maxBytes);
          assert.equal(history.topics, naive.used.length);
        }
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});
