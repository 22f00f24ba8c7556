import type { LaterRow, RowResult } from "../row.ts";

const maxFaultsShown = 10;

/** The results as text for people. */
export function renderTable(results: readonly RowResult[], later: readonly LaterRow[]): string {
  const lines = results.flatMap(renderRow);
  const failed = results.filter(({ hasPassed }) => !hasPassed).length;
  lines.push("", `${results.length - failed} passed, ${failed} failed`);
  if (later.length > 0) {
    lines.push("", "not yet:", ...later.map(({ name, needs }) => `  ${name}: needs ${needs}`));
  }
  return `${lines.join("\n")}\n`;
}

function renderRow(result: RowResult): string[] {
  const { name, what, hasPassed, count, unit, seconds, failureRateBelow, observed } = result;
  const bound =
    failureRateBelow === undefined
      ? ""
      : `, failure rate under ${percent(failureRateBelow)} at 95 %`;
  const shown = result.faults.slice(0, maxFaultsShown);
  const more = result.faults.length - shown.length;
  return [
    `${hasPassed ? "pass" : "FAIL"}  ${name}: ${what}`,
    `      ${count.toLocaleString("en")} ${unit}${bound}; ${seconds.toFixed(1)} s`,
    ...observed.map((line) => `      ${line}`),
    ...shown.map((fault) => `      FAULT ${fault}`),
    ...(more > 0 ? [`      and ${more} more faults`] : []),
  ];
}

function percent(rate: number): string {
  return `${Number((rate * 100).toPrecision(2))} %`;
}
