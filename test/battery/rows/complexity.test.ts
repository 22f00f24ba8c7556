import assert from "node:assert/strict";
import { test } from "node:test";
import { growthOf } from "./complexity.ts";

/** So many steps that nobody takes away. */
function steps(count: number): number {
  let sum = 0;
  for (let n = 0; n < count; n++) sum = (sum * 31 + n) >>> 0;
  return sum;
}

test("what is quadratic is found to be, whatever the machine does meanwhile", () => {
  const ratio = growthOf({ name: "planted", size: 300, prepare: (n) => () => steps(n * n) }, 9);
  assert.ok(ratio > 2.5, `ratio ${ratio}`);
});
