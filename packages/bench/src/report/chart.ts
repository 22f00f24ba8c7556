import type { Comparison, RowResult } from "../scenarios/row-result.ts";
import { shortNumber } from "./numbers.ts";
import type { Report } from "./report.ts";

const LABEL_WIDTH = 470;
const PLOT_WIDTH = 520;
const VALUE_WIDTH = 110;
const LINE_HEIGHT = 22;
const TOP = 56;
const BOTTOM = 30;
/** The scale is logarithmic, from 1/16 to 64 times. */
const LOW_POWER = -4;
const HIGH_POWER = 6;

const COLORS = { reached: "#2f855a", missed: "#c53030", plain: "#4a5568" };

/**
 * A bar for every comparison with another system, longer is better for ours: where less is better,
 * the ratio is turned over. Short strokes are floor and goal.
 */
export function renderChart(report: Report): string {
  const bars = report.rows.flatMap((row) =>
    row.comparisons.filter(({ against }) => against !== undefined).map((one) => ({ row, one })),
  );
  const width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH;
  const height = TOP + bars.length * LINE_HEIGHT + BOTTOM;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    ` viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    text(10, 20, `Omnibus beside others, ${report.form} form, ${report.date.slice(0, 10)}`, "14"),
    text(10, 38, `${report.machine["cpu"]}; times as good as the other, median of pairs`, "11"),
    ...gridLines(height - BOTTOM),
    ...bars.map(({ row, one }, index) => bar(row, one, TOP + index * LINE_HEIGHT)),
    "</svg>",
  ];
  return `${parts.join("\n")}\n`;
}

function gridLines(bottom: number): string[] {
  const lines: string[] = [];
  for (let power = LOW_POWER; power <= HIGH_POWER; power += 1) {
    const x = placeOf(2 ** power);
    const color = power === 0 ? "#1a202c" : "#e2e8f0";
    lines.push(
      `<line x1="${x}" x2="${x}" y1="${TOP - 4}" y2="${bottom}" stroke="${color}"/>`,
      text(x - 8, bottom + 16, `${power < 0 ? `1/${2 ** -power}` : 2 ** power}`, "10"),
    );
  }
  return lines;
}

function bar(row: RowResult, one: Comparison, y: number): string {
  const better = (ratio: number): number => (row.better === "higher" ? ratio : 1 / ratio);
  const value = better(one.ratio.median);
  const from = Math.min(placeOf(1), placeOf(value));
  const length = Math.abs(placeOf(value) - placeOf(1));
  const color =
    one.reached === "missed"
      ? COLORS.missed
      : one.reached === "not asked"
        ? COLORS.plain
        : COLORS.reached;
  const limits = [one.floor, one.goal].filter((limit) => limit !== undefined);
  return [
    text(10, y + 14, `${row.title} / ${one.against}`, "11"),
    `<rect x="${from}" y="${y + 4}" width="${Math.max(1, length)}" height="12" fill="${color}"/>`,
    ...limits.map((limit) => {
      const x = placeOf(better(limit));
      return `<line x1="${x}" x2="${x}" y1="${y + 1}" y2="${y + 19}" stroke="#1a202c" stroke-width="2"/>`;
    }),
    text(LABEL_WIDTH + PLOT_WIDTH + 10, y + 14, `${shortNumber(value)} times`, "11"),
  ].join("\n");
}

function placeOf(ratio: number): number {
  const power = Math.min(HIGH_POWER, Math.max(LOW_POWER, Math.log2(ratio)));
  const share = (power - LOW_POWER) / (HIGH_POWER - LOW_POWER);
  return Math.round(LABEL_WIDTH + share * PLOT_WIDTH);
}

function text(x: number, y: number, content: string, size: string): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x}" y="${y}" font-size="${size}" fill="#1a202c">${escaped}</text>`;
}
