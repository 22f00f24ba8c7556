import type { Comparison, RowResult } from "../scenarios/row-result.ts";
import { shortNumber, spreadText } from "./numbers.ts";
import { type Reasons, reasonOf } from "./reasons.ts";
import type { Report } from "./report.ts";
import { comparisonText } from "./table.ts";

/** The report as a Markdown table: no figure of ours without what it is beside, nor a miss without its reason. */
export function renderMarkdown(report: Report, reasons: Reasons): string {
  const rows = report.rows.filter(({ comparisons }) => comparisons.length > 0);
  return [
    ...headOf(report, "Medians of interleaved rounds and their ranges; ratios are pair by pair."),
    "| | ours | beside others |",
    "|---|---|---|",
    ...rows.map((row) => markdownRow(row, reasons)),
  ].join("\n");
}

/** The rows of which something is asked, in short: medians only, and where a floor is missed, that. */
export function renderSummary(report: Report): string {
  const rows = report.rows.filter(({ comparisons }) => comparisons.some(isAsked));
  return [
    ...headOf(
      report,
      "Medians of interleaved rounds; a ratio is ours divided by theirs, pair by pair, so that of times and " +
        "bytes a small one is good. The ceiling is a plain forwarder of a page of Node.",
    ),
    "| | ours | beside others | of the ceiling |",
    "|---|---|---|---|",
    ...rows.map(summaryRow),
  ].join("\n");
}

function summaryRow({ title, unit, systems, comparisons }: RowResult): string {
  const ours = systems.find(({ part }) => part === "ours")?.value;
  const value = ours === undefined ? "no run counted" : `${shortNumber(ours.median)} ${unit}`;
  const beside = comparisons
    .filter((one) => one.as !== "ceiling" && one.against !== undefined)
    .map(besideText);
  const ceiling = comparisons.find((one) => one.as === "ceiling");
  const own = comparisons.filter((one) => one.against === undefined && one.reached === "missed");
  const asked = own.map(({ floor }) => `**floor ${shortNumber(floor ?? 0)} missed**`);
  const ofCeiling = ceiling === undefined ? "" : `${shortNumber(ceiling.ratio.median)}`;
  const cells = [title, value, [...beside, ...asked].join(", "), ofCeiling];
  return `| ${cells.map(cell).join(" | ")} |`;
}

function besideText({ against, ratio, floor, reached }: Comparison): string {
  const text = `${shortNumber(ratio.median)} × ${against}`;
  return reached === "missed" ? `${text} **(floor ${shortNumber(floor ?? 0)} missed)**` : text;
}

function isAsked({ floor }: Comparison): boolean {
  return floor !== undefined;
}

function headOf(report: Report, method: string): string[] {
  const { cpu, memory, kernel, node } = report.machine;
  const servers = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${report.date.slice(0, 10)}, ${cpu}, ${memory}, Linux ${kernel}, Node ${node}, ${servers.join(", ")}. ${method}`,
    "",
  ];
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
