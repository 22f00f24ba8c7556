import assert from "node:assert/strict";
import { test } from "node:test";
import { faultsOf, SequenceChecker } from "./sequence-checker.ts";

interface History {
  readonly name: string;
  readonly arrived: readonly number[];
  readonly sent: number;
  readonly faults: readonly string[];
}

const histories: readonly History[] = [
  { name: "a clean history passes", arrived: [0, 1, 2, 3], sent: 4, faults: [] },
  { name: "nothing sent, nothing arrived", arrived: [], sent: 0, faults: [] },
  { name: "one lost in the middle", arrived: [0, 1, 3, 4], sent: 5, faults: ["1 lost"] },
  { name: "the first lost", arrived: [1, 2], sent: 3, faults: ["1 lost"] },
  { name: "the tail lost", arrived: [0, 1], sent: 5, faults: ["3 lost"] },
  { name: "all lost", arrived: [], sent: 3, faults: ["3 lost"] },
  { name: "two gaps", arrived: [0, 2, 5], sent: 6, faults: ["3 lost"] },
  { name: "one duplicated at once", arrived: [0, 1, 1, 2], sent: 3, faults: ["1 duplicated"] },
  { name: "one duplicated late", arrived: [0, 1, 2, 0], sent: 3, faults: ["1 duplicated"] },
  { name: "everything twice", arrived: [0, 1, 0, 1], sent: 2, faults: ["2 duplicated"] },
  { name: "two exchanged", arrived: [0, 2, 1, 3], sent: 4, faults: ["1 reordered"] },
  { name: "one very late", arrived: [1, 2, 3, 0], sent: 4, faults: ["1 reordered"] },
  {
    name: "late, and then again",
    arrived: [0, 2, 1, 1],
    sent: 3,
    faults: ["1 duplicated", "1 reordered"],
  },
  {
    name: "a loss that a duplicate would hide from a plain count",
    arrived: [0, 1, 1, 3],
    sent: 4,
    faults: ["1 lost", "1 duplicated"],
  },
  {
    name: "a gap filled from its middle",
    arrived: [0, 5, 3, 2, 4, 1],
    sent: 6,
    faults: ["4 reordered"],
  },
  { name: "more than was sent", arrived: [0, 1, 2], sent: 2, faults: ["1 unexpected"] },
  { name: "a number that is none", arrived: [0, -1, 1], sent: 2, faults: ["1 unexpected"] },
  { name: "a broken number", arrived: [0, 0.5, Number.NaN, 1], sent: 2, faults: ["2 unexpected"] },
];

for (const history of histories) {
  test(`sequence checker: ${history.name}`, () => {
    const checker = new SequenceChecker();
    for (const sequence of history.arrived) checker.accept(sequence);
    assert.deepEqual(faultsOf(checker.verdict(history.sent)), history.faults);
    assert.equal(checker.received, history.arrived.length);
  });
}

test("sequence checker: losses that the system told of are no fault, if the count is exact", () => {
  const checker = new SequenceChecker();
  for (const sequence of [0, 1, 5, 6]) checker.accept(sequence);
  assert.deepEqual(faultsOf(checker.verdict(7), 3), []);
  assert.deepEqual(faultsOf(checker.verdict(7), 2), ["3 lost, 2 told"]);
  assert.deepEqual(faultsOf(checker.verdict(8), 3), ["4 lost, 3 told"]);
});

test("of a system that drops exactly what it told may be missing", () => {
  const checker = new SequenceChecker();
  for (const sequence of [0, 1, 4, 5]) checker.accept(sequence);
  const verdict = checker.verdict(6);
  assert.deepEqual(faultsOf(verdict, 2), []);
  assert.deepEqual(faultsOf(verdict, 1), ["2 lost, 1 told"]);
  assert.deepEqual(faultsOf(verdict, 3), ["2 lost, 3 told"]);
});
