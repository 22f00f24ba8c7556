import {
  failureRateBound,
  type Outcome,
  type Row,
  type RowContext,
  type RowResult,
  type Tier,
} from "./row.ts";

/** Who is told how it goes. */
export interface Watcher {
  began(row: Row): void;
  progress(row: Row, text: string): void;
  ended(result: RowResult): void;
}

/** How rows are run. */
export interface RunOptions {
  readonly tier: Tier;
  /** The folder for histories. Default: none are written. */
  readonly results?: string;
}

/** Runs the rows one after the other. A row that could not be run has failed. */
export async function runRows(
  rows: readonly Row[],
  { tier, results: folder }: RunOptions,
  watcher: Watcher,
): Promise<readonly RowResult[]> {
  const results: RowResult[] = [];
  for (const row of rows) {
    watcher.began(row);
    const progress = (text: string): void => watcher.progress(row, text);
    const result = await runRow(row, {
      tier,
      isTest: false,
      progress,
      ...(folder !== undefined && { results: folder }),
    });
    watcher.ended(result);
    results.push(result);
  }
  return results;
}

/** Runs one row. */
export async function runRow(row: Row, context: RowContext): Promise<RowResult> {
  const { name, what } = row;
  const began = performance.now();
  let outcome: Outcome;
  try {
    outcome = await row.run(context);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    outcome = { count: 0, unit: "tries", observed: [], faults: [`could not be run: ${text}`] };
  }
  // Nothing tried is nothing shown.
  const faults =
    outcome.count > 0 || outcome.faults.length > 0 ? outcome.faults : ["nothing tried"];
  const hasPassed = faults.length === 0;
  return {
    ...outcome,
    faults,
    name,
    what,
    tier: context.tier,
    hasPassed,
    failureRateBelow: hasPassed ? failureRateBound(outcome.count) : undefined,
    seconds: (performance.now() - began) / 1000,
  };
}
