/** The rows of the battery that take seconds, at tier 0; `npm run battery` runs the others, too. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { allRows } from "./all-rows.ts";
import { runRow } from "./run-rows.ts";

for (const row of allRows.filter(({ isQuick }) => isQuick)) {
  test(`battery, ${row.name}: ${row.what}`, async () => {
    const result = await runRow(row, { tier: 0, isTest: true, progress: () => {} });
    assert.deepEqual(result.faults, []);
  });
}
