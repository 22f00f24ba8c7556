/** `npm run bench`: runs the rows that were asked for and reports. */
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Command, HELP, parseCommand } from "./command-line.ts";
import { renderChart } from "./report/chart.ts";
import { ProgressLine } from "./report/progress-line.ts";
import { describeMachine, describeServers, type Report } from "./report/report.ts";
import { renderTable } from "./report/table.ts";
import { allRows } from "./scenarios/all-rows.ts";
import { formOf } from "./scenarios/forms.ts";
import { partsOf, runRow } from "./scenarios/run-row.ts";
import type { RowResult } from "./scenarios/row-result.ts";

const RESULTS = fileURLToPath(new URL("../results/", import.meta.url));

async function run(command: Command): Promise<Report> {
  const { rows, leftOut, timing } = formOf(command.form, command.rows, allRows);
  if (rows.length === 0) throw new Error(`no row begins with ${command.rows.join(" or ")}`);
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
    machine: describeMachine(),
    versions: describeServers(),
    rows: results,
    leftOut,
  };
}

/** Writes the files; gives the name that they begin with. */
function save(report: Report, rows: readonly string[]): string {
  const suffix = rows.map((row) => `-${row.replaceAll(/[^A-Za-z0-9]+/g, "_")}`).join("");
  const name = `${report.form}${suffix}`;
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(`${RESULTS}${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${RESULTS}${name}.txt`, renderTable(report));
  writeFileSync(`${RESULTS}${name}.svg`, renderChart(report));
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
  const report = await run(command);
  process.stdout.write(
    command.isJson ? `${JSON.stringify(report, null, 2)}\n` : renderTable(report),
  );
  if (command.form !== "check") {
    process.stderr.write(`Written: packages/bench/results/${save(report, command.rows)}.*\n`);
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
