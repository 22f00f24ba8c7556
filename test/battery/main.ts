/** `npm run battery`: runs the rows that were asked for and reports. */
import { join, resolve } from "node:path";
import { allRows } from "./all-rows.ts";
import { chosenRows, type Command, helpText, parseCommand } from "./command-line.ts";
import { laterRows } from "./later-rows.ts";
import { renderPlanted, runPlanted } from "./planted/run-planted.ts";
import { ProgressLine } from "./report/progress.ts";
import { renderTable } from "./report/table.ts";
import type { Row } from "./row.ts";
import { runRows } from "./run-rows.ts";

async function main(): Promise<number> {
  let command: Command;
  let rows: readonly Row[];
  try {
    command = parseCommand(process.argv.slice(2));
    rows = chosenRows(allRows, command.rows);
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? error.message : String(error)}\n\n${helpText(allRows)}`,
    );
    return 2;
  }
  if (command.isHelp) {
    process.stdout.write(helpText(allRows));
    return 0;
  }
  if (command.isPlanted) return await planted(command);
  const folder = resolve(command.results ?? join(import.meta.dirname, "../../battery-results"));
  const options = { tier: command.tier, results: folder };
  const results = await runRows(rows, options, new ProgressLine(process.stderr, rows.length));
  const later = command.rows.length === 0 ? laterRows : [];
  const report = { tier: command.tier, date: new Date().toISOString(), rows: results, later };
  process.stdout.write(
    command.isJson ? `${JSON.stringify(report, null, 2)}\n` : renderTable(results, later),
  );
  return results.every(({ hasPassed }) => hasPassed) ? 0 : 1;
}

async function planted({ rows, isJson }: Command): Promise<number> {
  const results = await runPlanted(rows, (text) => process.stderr.write(`${text}\n`));
  process.stdout.write(isJson ? `${JSON.stringify(results, null, 2)}\n` : renderPlanted(results));
  return results.length > 0 && results.every(({ isFound }) => isFound) ? 0 : 1;
}

// Ends by way of the exit handlers, which end the servers.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.exitCode = await main();
