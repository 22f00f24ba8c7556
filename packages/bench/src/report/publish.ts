import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderChart } from "./chart.ts";
import { renderMarkdown, renderSummary } from "./markdown.ts";
import { loadReasons, type Reasons } from "./reasons.ts";
import type { Report } from "./report.ts";
import { renderTable } from "./table.ts";

const ROOT = new URL("../../../../", import.meta.url);
const RESULTS = new URL("../../results/", import.meta.url);

/** A page that shows the table, between two comments that begin so. */
export interface Page {
  readonly path: string;
  readonly marker: string;
  /** In short, or with every row, range and reason. */
  readonly form: "summary" | "all";
}

/** What stands between the comments while no result is committed. */
export const NO_RESULT = "No full run is committed yet: run it.";

/** The pages that show the committed result. */
export const pages: readonly Page[] = [
  { path: "README.md", marker: "benchmark table", form: "summary" },
  { path: "docs/guide/benchmarks.md", marker: "benchmark results", form: "all" },
];

/** The committed result of a whole full run; undefined while there is none. */
export function committedReport(): Report | undefined {
  try {
    return JSON.parse(readFileSync(new URL("full.json", RESULTS), "utf8")) as Report;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** The text of a page. */
export function readPage({ path }: Page): string {
  return readFileSync(new URL(path, ROOT), "utf8");
}

/**
 * A page with the report between its comments, or with a sentence that there is none. Throws an Error
 * if the comments are missing or the report has faults: what is wrong is not shown to anybody.
 */
export function fillPage(
  text: string,
  { path, marker, form }: Page,
  report: Report | undefined,
  reasons: Reasons,
): string {
  const pattern = new RegExp(`(<!-- ${marker}: begin[^\\n]*-->\\n)[^]*?(<!-- ${marker}: end -->)`);
  if (!pattern.test(text)) throw new Error(`${path} has no comments for its ${marker}`);
  const faulty = report?.rows.find(({ faults }) => faults.length > 0);
  if (faulty !== undefined) {
    throw new Error(`not to be shown, it failed: ${faulty.title}: ${faulty.faults[0]}`);
  }
  const table = report === undefined ? NO_RESULT : tableOf(report, reasons, form);
  return text.replace(pattern, (_all, begin: string, end: string) => `${begin}${table}\n${end}`);
}

function tableOf(report: Report, reasons: Reasons, form: Page["form"]): string {
  return form === "all" ? renderMarkdown(report, reasons) : renderSummary(report);
}

/** Writes the files of a run: JSON, table and chart; `name` is what they begin with. */
export function writeResults(report: Report, name: string): void {
  mkdirSync(RESULTS, { recursive: true });
  const write = (ending: string, text: string): void =>
    writeFileSync(fileURLToPath(new URL(`${name}.${ending}`, RESULTS)), text);
  write("json", `${JSON.stringify(report, null, 2)}\n`);
  write("txt", renderTable(report, loadReasons()));
  write("svg", renderChart(report));
}

/** Fills the pages, and writes table and chart anew, from the committed JSON and the reasons. */
export function publish(): void {
  const report = committedReport();
  const reasons = loadReasons();
  const filled = pages.map((page) => ({
    page,
    text: fillPage(readPage(page), page, report, reasons),
  }));
  for (const { page, text } of filled) writeFileSync(new URL(page.path, ROOT), text);
  if (report !== undefined) writeResults(report, "full");
}
