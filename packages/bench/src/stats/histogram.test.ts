import assert from "node:assert/strict";
import { test } from "node:test";
import { Histogram } from "./histogram.ts";

test("small values are exact", () => {
  const histogram = new Histogram();
  for (let value = 1; value <= 100; value += 1) histogram.record(value);
  assert.equal(histogram.percentile(50), 50);
  assert.equal(histogram.percentile(99), 99);
  assert.equal(histogram.percentile(100), 100);
  assert.equal(histogram.min, 1);
  assert.equal(histogram.max, 100);
});

test("a large value is known to within one part in 128, and never told too small", () => {
  for (let value = 1; value < 2 ** 40; value = Math.ceil(value * 1.37)) {
    const histogram = new Histogram();
    histogram.record(value);
    histogram.record(2 ** 47);
    const told = histogram.percentile(50);
    assert.ok(told >= value, `${told} is below ${value}`);
    assert.ok(told <= value * (1 + 1 / 128) + 1, `${told} is far above ${value}`);
  }
});

test("values at powers of two fall into their own buckets", () => {
  for (let power = 7; power < 47; power += 1) {
    for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      const histogram = new Histogram();
      histogram.record(value);
      histogram.record(2 ** 47);
      const told = histogram.percentile(50);
      assert.ok(told >= value && told <= value * (1 + 1 / 128) + 1, `${value}: ${told}`);
    }
  }
});

test("one slow value in a thousand shows at p99.9 and not at p99", () => {
  const histogram = new Histogram();
  for (let index = 0; index < 998; index += 1) histogram.record(100);
  histogram.record(50_000);
  histogram.record(50_000);
  assert.equal(histogram.percentile(99), 100);
  assert.equal(histogram.percentile(99.9), 50_000);
});

test("histograms of several processes add up", () => {
  const one = new Histogram();
  const other = new Histogram();
  const both = new Histogram();
  for (let value = 0; value < 1000; value += 1) {
    (value % 3 === 0 ? one : other).record(value * 17);
    both.record(value * 17);
  }
  const sum = Histogram.from(one.toData());
  sum.add(other.toData());
  assert.deepEqual(sum.toData(), both.toData());
  assert.equal(sum.count, 1000);
});

test("an empty histogram says 0, and adding an empty one changes nothing", () => {
  const histogram = new Histogram();
  assert.equal(histogram.percentile(99), 0);
  histogram.record(5);
  histogram.add(new Histogram().toData());
  assert.equal(histogram.min, 5);
});
