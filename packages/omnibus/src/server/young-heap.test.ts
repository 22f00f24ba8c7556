import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapSpaceStatistics } from "node:v8";
import { keepYoungHeapSmall } from "./young-heap.ts";

test("the young part of the heap does not grow, however much survives", () => {
  const youngBytes = (): number =>
    getHeapSpaceStatistics().find((space) => space.space_name === "new_space")?.space_size ?? 0;
  keepYoungHeapSmall();
  const before = youngBytes();
  const kept = Array.from({ length: 400_000 }, (_, n) => ({ n, list: [n] }));
  assert.equal(kept.length, 400_000);
  assert.equal(youngBytes(), before);
});
