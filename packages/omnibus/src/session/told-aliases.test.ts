import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../testing/index.ts";
import { ToldAliases } from "./told-aliases.ts";

test("against a set: numbers from 0 to 65,535, told and forgotten in any order", () => {
  const random = new SeededRandom(1);
  const told = new ToldAliases();
  const model = new Set<number>();
  for (const number of [0, 31, 32, 65_535]) {
    assert.ok(!told.has(number));
    told.delete(number);
    assert.ok(!told.has(number));
  }
  for (let step = 0; step < 5000; step++) {
    const number = random.integer(step < 2500 ? 200 : 65_536);
    if (random.integer(3) === 0) {
      told.delete(number);
      model.delete(number);
    } else {
      told.add(number);
      model.add(number);
    }
    const other = random.integer(65_536);
    assert.equal(told.has(number), model.has(number));
    assert.equal(told.has(other), model.has(other));
  }
});
