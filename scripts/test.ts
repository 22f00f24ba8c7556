/**
 * `npm test`: every test there is, unit tests first.
 *
 * `npm test -- PATTERN...` runs the files whose path contains one of the patterns, `-t NAME` the
 * tests whose name matches, `--unit` the unit tests only. With OMNIBUS_TEST_SUMMARY=FILE the result
 * is written there as JSON. With OMNIBUS_TEST_NEEDS=all a test that is skipped because a foreign
 * server is missing has failed.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { createProgress } from "./test-run/progress.ts";
import { findUnitTests, findWideTests } from "./test-run/find-tests.ts";
import { runTests, type TestResult } from "./test-run/run-tests.ts";

const ROOT = resolve(import.meta.dirname, "..");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { name: { type: "string", short: "t" }, unit: { type: "boolean", default: false } },
});

const found = [...findUnitTests(ROOT), ...(values.unit ? [] : findWideTests(ROOT))];
const wanted = found.filter(
  (file) => positionals.length === 0 || positionals.some((pattern) => file.includes(pattern)),
);
if (wanted.length === 0) {
  console.error(`no test file matches ${positionals.join(" ")}`);
  process.exitCode = 1;
} else {
  const result = await runTests({
    files: wanted.map((file) => join(ROOT, file)),
    ...(values.name === undefined ? {} : { name: values.name }),
    areNeedsMet: process.env["OMNIBUS_TEST_NEEDS"] === "all",
    progress: createProgress({ root: ROOT, files: wanted.length, out: process.stdout }),
  });
  tell(result);
}

function tell(result: TestResult): void {
  const { passed, failed, skipped, failures, skips } = result;
  for (const { name, reason } of skips) console.log(`skipped: ${name} (${reason})`);
  if (failed > 1) for (const { file, name } of failures) console.log(`failed: ${file}: ${name}`);
  const summary = process.env["OMNIBUS_TEST_SUMMARY"];
  if (summary !== undefined) writeFileSync(summary, JSON.stringify({ passed, failed, skipped }));
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
}
