import assert from "node:assert/strict";
import { test } from "node:test";
import { median, medianInterval, pairedRatio, spreadOf } from "./statistics.ts";

test("the median is the middle value, or the mean of the two middle ones", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
  assert.throws(() => median([]), RangeError);
});

test("a spread keeps the outliers", () => {
  assert.deepEqual(spreadOf([5, 100, 4, 6, 1]), { median: 5, min: 1, max: 100, count: 5 });
});

test("ratios are taken round by round, so a slow minute of the machine cancels out", () => {
  const ratio = pairedRatio([200, 20, 400], [100, 10, 200]);
  assert.deepEqual(ratio, { median: 2, min: 2, max: 2, count: 3 });
});

test("a missing partner is an error, not a shorter list", () => {
  assert.throws(() => pairedRatio([1, 2], [1]), RangeError);
});

test("the interval of 15 values leaves out the 3 smallest and largest at 90 percent", () => {
  const interval = medianInterval(Array.from({ length: 15 }, (_, index) => index + 1));
  assert.equal(interval.low, 4);
  assert.equal(interval.high, 12);
  assert.ok(interval.confidence >= 0.9 && interval.confidence < 0.97);
});

test("with too few values the interval is the range and says what it is worth", () => {
  const interval = medianInterval([1, 2, 3]);
  assert.deepEqual([interval.low, interval.high], [1, 3]);
  assert.equal(interval.confidence, 0.75);
});
