import type { Comparison, RowResult, SystemResult } from "../scenarios/row-result.ts";
import type { Policy } from "../systems/system.ts";
import { shortNumber, spreadText } from "./numbers.ts";
import { type Reasons, reasonOf } from "./reasons.ts";
import type { Report } from "./report.ts";

const NAME_WIDTH = 18;
const VALUE_WIDTH = 30;

/** The whole report as text for a terminal; `reasons` for what is missed. */
export function renderTable(report: Report, reasons: Reasons): string {
  const policies = new PolicyNotes();
  const blocks = report.rows.map((row) => renderRow(row, policies, reasons));
  const machine = Object.entries({ ...report.machine, ...report.versions })
    .map(([name, value]) => `${name} ${value}`)
    .join(", ");
  const parts = [...blocks, policies.render(), machine];
  if (report.leftOut.length > 0) {
    parts.push(`Left out by this form (see --full):\n${indent(report.leftOut)}`);
  }
  return `${parts.join("\n\n")}\n`;
}

function renderRow(row: RowResult, policies: PolicyNotes, reasons: Reasons): string {
  const lines = [`${row.title}   [${row.unit}, ${row.better} is better]`];
  for (const system of row.systems) lines.push(renderSystem(system, policies));
  for (const { name, install } of row.skipped) {
    lines.push(`  ${name.padEnd(NAME_WIDTH)} not there: ${install}`);
  }
  for (const comparison of row.comparisons) {
    lines.push(`  ${comparisonText(comparison)}`);
    const reason = reasonOf(row.title, comparison, reasons);
    if (reason !== undefined) lines.push(`    because: ${reason}`);
  }
  if (row.note !== undefined) lines.push(`  note: ${row.note}`);
  for (const fault of row.faults) lines.push(`  WRONG: ${fault}`);
  return lines.join("\n");
}

function renderSystem(system: SystemResult, policies: PolicyNotes): string {
  const value = system.value === undefined ? "no run counted" : spreadText(system.value);
  const details = Object.entries(system.details)
    .map(([name, spread]) => `${name} ${shortNumber(spread.median)}`)
    .join(", ");
  const mark = policies.markOf(system);
  return `  ${system.name.padEnd(NAME_WIDTH)} ${value.padEnd(VALUE_WIDTH)} ${mark} ${details}`.trimEnd();
}

/** `ours / nats 6.02 (5.71 to 6.40): floor 6 reached, goal 10 not`. */
export function comparisonText(comparison: Comparison): string {
  const { against, as, detail, ratio, floor, goal, reached } = comparison;
  const what = against === undefined ? "ours" : `ours / ${against}`;
  const why = as === "bound" ? "" : ` (${as})`;
  const figure = detail === undefined ? "" : `, ${detail}`;
  const text = `${what}${why}${figure} ${spreadText(ratio)}`;
  if (floor === undefined) return text;
  const limits = [`floor ${shortNumber(floor)} ${reached === "missed" ? "MISSED" : "reached"}`];
  if (goal !== undefined)
    limits.push(`goal ${shortNumber(goal)}${reached === "goal" ? "" : " not"}`);
  return `${text}: ${limits.join(", ")}`;
}

/** Numbers the policies, so that each row can state them in a few characters. */
export class PolicyNotes {
  readonly #numbers: Map<string, number> = new Map();

  /** `[3]` for a system's policy. */
  markOf({ name, policy }: SystemResult): string {
    const text = `${name}: ${policyText(policy)}`;
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    return `[${number}]`;
  }

  render(): string {
    return [...this.#numbers].map(([text, number]) => `[${number}] ${text}`).join("\n");
  }
}

function policyText({ batching, acknowledgement, flow }: Policy): string {
  return `batching: ${batching}; acknowledgement: ${acknowledgement}; flow: ${flow}; fsync: none`;
}

function indent(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}`).join("\n");
}
