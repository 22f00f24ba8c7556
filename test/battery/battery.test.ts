/** The rows of the battery that take seconds, at tier 0; `npm run battery` runs the others, too. */
import assert from "node:assert/strict";
import { mkdtempDisposableSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { allRows } from "./all-rows.ts";
import { runRow } from "./run-rows.ts";

for (const row of allRows.filter(({ isQuick }) => isQuick)) {
  test(`battery, ${row.name}: ${row.what}`, async () => {
    using folder = mkdtempDisposableSync(join(tmpdir(), "omnibus-battery-"));
    const context = { tier: 0, isTest: true, results: folder.path, progress: () => {} } as const;
    const result = await runRow(row, context);
    assert.deepEqual(result.faults, []);
  });
}
