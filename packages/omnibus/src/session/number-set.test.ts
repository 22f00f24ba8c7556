import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../testing/index.ts";
import { Address } from "../wire/index.ts";
import { NumberSet } from "./number-set.ts";
import { RetiredNumbers } from "./retired-numbers.ts";

const retired = (numbers: readonly number[]): RetiredNumbers =>
  new RetiredNumbers(numbers.map((number) => new Address(number, "topic", `t/${number}`)));

test("against a set: numbers from 0 to 65,535, added and retired in any order", () => {
  const random = new SeededRandom(1);
  const numbers = new NumberSet();
  const model = new Set<number>();
  for (const number of [0, 31, 32, 65_535]) {
    assert.ok(!numbers.has(number));
    numbers.deleteAll(retired([number]));
    assert.ok(!numbers.has(number));
  }
  for (let step = 0; step < 5000; step++) {
    const range = step < 2500 ? 200 : 65_536;
    const number = random.integer(range);
    if (random.integer(3) === 0) {
      const gone = Array.from({ length: 1 + random.integer(40) }, () => random.integer(range));
      numbers.deleteAll(retired(gone));
      for (const one of gone) {
        assert.equal(numbers.has(one), false);
        model.delete(one);
      }
    } else {
      numbers.add(number);
      model.add(number);
    }
    const other = random.integer(65_536);
    assert.equal(numbers.has(number), model.has(number));
    assert.equal(numbers.has(other), model.has(other));
  }
  for (const number of model) assert.ok(numbers.has(number));
  numbers.clear();
  for (const number of model) assert.ok(!numbers.has(number));
});

test("numbers that retire together are visited by words, not one by one in each session", () => {
  const { places, masks } = retired(Array.from({ length: 2048 }, (_, n) => 4000 - n));
  assert.equal(places.length, 65);
  assert.deepEqual([places[0], places[64]], [61, 125]);
  assert.deepEqual([masks[0], masks[1], masks[64]], [0xffff_fffe, 0xffff_ffff, 1]);
});
