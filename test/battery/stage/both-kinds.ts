/** Native and JSON readers: the same scene for each. */
import { join } from "node:path";
import type { Outcome, RowContext } from "../row.ts";
import type { ReaderKind } from "../workers/load-subscribers.ts";

/** The server's counter of what it dropped for such readers. */
export const droppedBy: Readonly<Record<ReaderKind, string>> = {
  native: "messages_dropped_total",
  json: "json_dropped_total",
};

/** Where the histories of a row go; tier 1 sends too much to be written down. */
export function historyFolder(
  { tier, results }: RowContext,
  row: string,
  kind: ReaderKind,
): string | undefined {
  return tier === 0 && results !== undefined ? join(results, `${row}-${kind}`) : undefined;
}

/** What one kind came to. */
export interface Found {
  readonly count: number;
  readonly seen: string;
  readonly faults: readonly string[];
}

/** Runs it for each kind, one after the other, and says of what it found which kind it was. */
export async function withBothKinds(
  unit: string,
  run: (kind: ReaderKind) => Promise<Found>,
): Promise<Outcome> {
  const observed: string[] = [];
  const faults: string[] = [];
  let count = 0;
  for (const kind of ["native", "json"] as const) {
    const found = await run(kind);
    count += found.count;
    observed.push(`${kind}: ${found.seen}`);
    faults.push(...found.faults.map((fault) => `${kind}: ${fault}`));
  }
  return { count, unit, observed, faults };
}
