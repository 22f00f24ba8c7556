import type { RowResult } from "../scenarios/row-result.ts";
import { shortNumber, spreadText } from "./numbers.ts";
import { type Reasons, reasonOf } from "./reasons.ts";
import type { Report } from "./report.ts";
import { comparisonText } from "./table.ts";

/** Which rows a page shows. */
export type RowChoice = "floors" | "all";

/**
 * The report as a Markdown table: no figure of ours without what it is beside. `floors` leaves out the
 * rows of which nothing is asked.
 */
export function renderMarkdown(report: Report, reasons: Reasons, choice: RowChoice): string {
  const rows = report.rows.filter(
    ({ comparisons }) =>
      comparisons.length > 0 &&
      (choice === "all" || comparisons.some(({ floor }) => floor !== undefined)),
  );
  const { cpu, memory, kernel, node } = report.machine;
  const servers = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const lines = [
    `${report.date.slice(0, 10)}, ${cpu}, ${memory}, Linux ${kernel}, Node ${node}, ${servers.join(", ")}. ` +
      "Medians of interleaved rounds and their ranges; ratios are pair by pair.",
    "",
    "| | ours | beside others |",
    "|---|---|---|",
    ...rows.map((row) => markdownRow(row, reasons)),
  ];
  return lines.join("\n");
}

function markdownRow(row: RowResult, reasons: Reasons): string {
  const ours = row.systems.find(({ part }) => part === "ours");
  const value = ours?.value === undefined ? "no run counted" : spreadText(ours.value);
  const told = Object.entries(ours?.details ?? {})
    .filter(([name]) => !name.startsWith("per CPU"))
    .map(([name, { median }]) => `${name} ${shortNumber(median)}`);
  const beside = row.comparisons.map((comparison) => {
    const reason = reasonOf(row.title, comparison, reasons);
    return comparisonText(comparison) + (reason === undefined ? "" : ` (${reason})`);
  });
  const figures = [`${value} ${row.unit}`, ...told].join("<br>");
  return `| ${cell(row.title)} | ${cell(figures)} | ${cell(beside.join("<br>"))} |`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
