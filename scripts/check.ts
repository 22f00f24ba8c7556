/**
 * `npm run check`: format, lint, types (those of snippets in documents, too), layers, house rules, unit
 * tests. Runs every step, shows every failure, one line per step; exit code 1 if one failed.
 */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { checkHouse } from "./check/house.ts";
import { checkLayers } from "./check/layers.ts";
import { formatFindings, isPassed, type Report } from "./check/report.ts";
import { checkSnippets } from "./check/snippets.ts";
import { toolCommand } from "./check/tool-command.ts";
import { findUnitTests } from "./test-run/find-tests.ts";
import { createProgress } from "./test-run/progress.ts";
import { runTests } from "./test-run/run-tests.ts";

/** What a step found; `details` are shown below its line. */
interface StepResult {
  readonly ok: boolean;
  readonly details: string;
  readonly summary?: string;
}

const ROOT = resolve(import.meta.dirname, "..");

const STEPS: readonly (readonly [string, () => StepResult | Promise<StepResult>])[] = [
  ["format", () => runTool("oxfmt", ["--check", "."])],
  ["lint", () => runTool("oxlint", ["--deny-warnings"])],
  ["types: universal", () => runTool("tsc", ["-p", "tsconfig.universal.json"])],
  ["types: node", () => runTool("tsc", ["-p", "tsconfig.node.json"])],
  ["types: all", () => runTool("tsc", ["-p", "tsconfig.json"])],
  ["types: launcher", () => runTool("tsc", ["-p", "tsconfig.launcher.json"])],
  ["types: documents", () => fromReport(checkSnippets(ROOT))],
  ["layers", () => fromReport(checkLayers(ROOT))],
  ["house rules", () => fromReport(checkHouse(ROOT))],
  ["unit tests", runUnitTests],
];

let failed = 0;
const started = performance.now();
for (const [name, step] of STEPS) {
  const before = performance.now();
  const { ok, details, summary } = await step();
  const seconds = ((performance.now() - before) / 1000).toFixed(1);
  const about = summary === undefined ? "" : `  ${summary}`;
  console.log(`${ok ? "ok    " : "FAILED"} ${name.padEnd(17)} ${seconds.padStart(5)} s${about}`);
  if (details !== "") console.log(details.trimEnd());
  if (!ok) failed++;
}
const total = ((performance.now() - started) / 1000).toFixed(1);
console.log(
  failed === 0 ? `check passed in ${total} s` : `check: ${failed} of ${STEPS.length} steps failed`,
);
if (failed > 0) process.exitCode = 1;

function runTool(name: "oxlint" | "oxfmt" | "tsc", args: readonly string[]): StepResult {
  const [file, ...rest] = toolCommand(ROOT, name);
  const options = { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 } as const;
  const { status, stdout, stderr, error } = spawnSync(file, [...rest, ...args], options);
  if (error !== undefined) return { ok: false, details: String(error) };
  return { ok: status === 0, details: status === 0 ? "" : `${stdout}${stderr}` };
}

function fromReport(report: Report): StepResult {
  return { ok: isPassed(report), details: formatFindings(report), summary: report.summary };
}

async function runUnitTests(): Promise<StepResult> {
  const files = findUnitTests(ROOT);
  const out = process.stdout;
  const progress = createProgress({ root: ROOT, files: files.length, out, isQuiet: !out.isTTY });
  const result = await runTests({
    files: files.map((file) => join(ROOT, file)),
    concurrency: 2,
    progress,
  });
  const summary = `${result.passed} passed, ${result.failed} failed`;
  return { ok: result.failed === 0 && result.passed > 0, details: "", summary };
}
