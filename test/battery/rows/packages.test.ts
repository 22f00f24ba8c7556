import assert from "node:assert/strict";
import { test } from "node:test";
import { readReport } from "./packages.ts";

test("a report in TAP is read: what passed, what failed, and what was skipped is in neither", () => {
  const report = `TAP version 13
# Subtest: one
ok 1 - one
  ---
  duration_ms: 1
  ...
not ok 2 - two, with words
ok 3 - three # SKIP no older Node on PATH
1..3
# pass 1
`;
  assert.deepEqual(readReport(report), { passed: ["one"], failed: ["two, with words"] });
});
