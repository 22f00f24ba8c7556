/** `npm run bench`: runs the rows that were asked for and reports. */
import { type Command, HELP, parseCommand } from "./command-line.ts";
import { monotonicMs } from "./harness/monotonic.ts";
import { ProgressLine } from "./report/progress-line.ts";
import { publish, writeResults } from "./report/publish.ts";
import { loadReasons } from "./report/reasons.ts";
import { describeMachine, describeServers, type Report } from "./report/report.ts";
import { renderTable } from "./report/table.ts";
import { allRows } from "./scenarios/all-rows.ts";
import { formOf } from "./scenarios/forms.ts";
import { partsOf, runRow } from "./scenarios/run-row.ts";
import type { RowResult } from "./scenarios/row-result.ts";

async function run(command: Command): Promise<Report> {
  const { rows, leftOut, timing } = formOf(command.form, command.rows, allRows);
  if (rows.length === 0) throw new Error(`no row begins with ${command.rows.join(" or ")}`);
  const startMs = monotonicMs();
  let total = 0;
  for (const row of rows) {
    total += partsOf(row).length * Math.min(timing.rounds, row.maxRounds ?? timing.rounds);
  }
  const progress = new ProgressLine(process.stderr, total);
  const results: RowResult[] = [];
  for (const row of rows) {
    const result = await runRow(row, timing, progress);
    results.push(command.form === "check" ? { ...result, comparisons: [] } : result);
  }
  progress.clear();
  return {
    form: command.form,
    date: new Date().toISOString(),
    seconds: Math.round((monotonicMs() - startMs) / 1000),
    machine: describeMachine(),
    versions: describeServers(),
    rows: results,
    leftOut,
  };
}

/** Writes the files; gives the name that they begin with. Only `full` is committed. */
function save(report: Report): string {
  const titles = report.rows.map(({ title }) => title);
  const isWhole = allRows.every(({ title }) => titles.includes(title));
  const name = report.form === "full" && !isWhole ? "full-some-rows" : report.form;
  writeResults(report, name);
  return name;
}

async function main(): Promise<number> {
  let command: Command;
  try {
    command = parseCommand(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return 2;
  }
  if (command.isHelp) {
    process.stdout.write(HELP);
    return 0;
  }
  if (command.isPublish) {
    publish();
    return 0;
  }
  const report = await run(command);
  process.stdout.write(
    command.isJson ? `${JSON.stringify(report, null, 2)}\n` : renderTable(report, loadReasons()),
  );
  if (command.form !== "check") {
    const name = save(report);
    process.stderr.write(`Written in ${report.seconds} s: packages/bench/results/${name}.*\n`);
    if (name === "full") process.stderr.write("Into the documents: npm run bench -- --publish\n");
  }
  const faults = report.rows.flatMap((row) => row.faults.map((fault) => `${row.title}: ${fault}`));
  if (faults.length === 0) return 0;
  process.stderr.write(`Correctness failed:\n${faults.join("\n")}\n`);
  return 1;
}

// Ends by way of the exit handlers, which end the servers.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.exitCode = await main();
