import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

/** Makes garbage of which much survives for a while, as connections do; prints the young space. */
const program = `
  const { getHeapSpaceStatistics } = await import("node:v8");
  if (process.argv[1] !== "") (await import(process.argv[1])).keepYoungHeapSmall();
  let kept = [];
  for (let n = 0; n < 1_500_000; n += 1) {
    if (kept.push({ n, list: [n] }) === 300_000) kept = [];
  }
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === "new_space").space_size);
`;

/** In a process of its own: the setting cannot be taken back, and this one's heap has grown already. */
function youngBytesWith(module: string): number {
  const flags = process.execArgv.filter((flag) => flag.startsWith("--conditions"));
  const args = [...flags, "--input-type=module", "--eval", program, module];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

test("the young part of the heap stays small, however much survives", () => {
  const module = new URL("young-heap.ts", import.meta.url).href;
  const small = youngBytesWith(module);
  const usual = youngBytesWith("");
  // A page more or less: it is measured in the middle of the work.
  assert.ok(small <= 8 * 1024 * 1024, `${small} bytes`);
  assert.ok(usual >= 2 * small, `${usual} bytes without it, ${small} with it`);
});
