import assert from "node:assert/strict";
import { test } from "node:test";
import { palindromicOrder } from "./rounds.ts";

test("two systems alternate as AB BA AB", () => {
  assert.equal(palindromicOrder(["A", "B"], 3).flat().join(""), "ABBAAB");
});

test("every pair of several systems is interleaved", () => {
  assert.equal(palindromicOrder(["A", "B", "C"], 2).flat().join(""), "ABCCBA");
});
