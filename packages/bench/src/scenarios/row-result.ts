import { pairedRatio, type Spread, spreadOf } from "../stats/statistics.ts";
import type { SystemName } from "../systems/registry.ts";
import type { Policy } from "../systems/system.ts";
import type { Bound, Row, Sample } from "./row.ts";

/** What a system is in a row. */
export type Part = "ours" | "peer" | "ceiling";

/** One system's figures in one row. */
export interface SystemResult {
  readonly name: SystemName;
  readonly part: Part;
  readonly policy: Policy;
  /** Undefined when no run of it counted. */
  readonly value: Spread | undefined;
  readonly details: Readonly<Record<string, Spread>>;
  /** Every value, round by round; null for a run that did not count. */
  readonly samples: readonly (number | null)[];
}

/** How ours did against one bound, or beside one system where nothing was asked. */
export interface Comparison {
  readonly against: SystemName | undefined;
  /** Why it stands there. */
  readonly as: "bound" | "best peer" | "ceiling";
  readonly detail?: string;
  /** Ours divided by theirs, pair by pair; ours alone when against nothing. */
  readonly ratio: Spread;
  readonly floor?: number;
  readonly goal?: number;
  readonly reached: "goal" | "floor" | "missed" | "not asked";
}

/** A row that was run. */
export interface RowResult {
  readonly title: string;
  readonly scenario: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly note?: string;
  readonly rounds: number;
  readonly systems: readonly SystemResult[];
  readonly comparisons: readonly Comparison[];
  /** Correctness: anything here fails the benchmark. */
  readonly faults: readonly string[];
  /** Systems that were left out, with the command that installs them. */
  readonly skipped: readonly { readonly name: SystemName; readonly install: string }[];
}

/** The samples of one system; undefined for a run that did not count. */
export interface SystemSamples {
  readonly name: SystemName;
  readonly part: Part;
  readonly policy: Policy;
  readonly samples: readonly (Sample | undefined)[];
}

/** Medians and ranges of one system. */
export function summarize({ samples, ...rest }: SystemSamples): SystemResult {
  const counted = samples.filter((sample) => sample !== undefined);
  const details: Record<string, Spread> = {};
  for (const key of new Set(counted.flatMap((sample) => Object.keys(sample.details)))) {
    details[key] = spreadOf(counted.map((sample) => sample.details[key] ?? 0));
  }
  const value = counted.length === 0 ? undefined : spreadOf(counted.map((sample) => sample.value));
  return { ...rest, value, details, samples: samples.map((sample) => sample?.value ?? null) };
}

/** Every bound of a row, and where they do not say it already, the best peer and the ceilings. */
export function compare(row: Row, systems: readonly SystemSamples[]): Comparison[] {
  const ours = systems.find(({ part }) => part === "ours");
  if (ours === undefined) return [];
  const comparisons: Comparison[] = [];
  const add = (bound: Partial<Bound>, as: Comparison["as"]): void => {
    const theirs = systems.find(({ name }) => name === bound.against);
    const ratio = ratioOf(ours, theirs, bound);
    if (ratio === undefined) return;
    comparisons.push({
      against: bound.against,
      as,
      ratio,
      ...(bound.detail === undefined ? {} : { detail: bound.detail }),
      ...(bound.floor === undefined ? {} : { floor: bound.floor }),
      ...(bound.goal === undefined ? {} : { goal: bound.goal }),
      reached: reachedOf(ratio.median, row.better, bound),
    });
  };
  for (const bound of row.bounds) add(bound, "bound");
  const best = bestPeer(row, systems);
  const named = new Set(row.bounds.map(({ against }) => against));
  if (best !== undefined && !named.has(best)) add({ against: best }, "best peer");
  for (const name of row.ceilings) if (!named.has(name)) add({ against: name }, "ceiling");
  return comparisons;
}

function ratioOf(
  ours: SystemSamples,
  theirs: SystemSamples | undefined,
  { against, detail }: Partial<Bound>,
): Spread | undefined {
  const valueOf = (sample: Sample | undefined): number | undefined =>
    detail === undefined ? sample?.value : sample?.details[detail];
  const own = ours.samples.map(valueOf);
  if (against === undefined) {
    const counted = own.filter((value) => value !== undefined);
    return counted.length === 0 ? undefined : spreadOf(counted);
  }
  const pairs: [number, number][] = [];
  for (const [index, value] of own.entries()) {
    const other = valueOf(theirs?.samples[index]);
    if (value !== undefined && other !== undefined && other !== 0) pairs.push([value, other]);
  }
  if (pairs.length === 0) return undefined;
  return pairedRatio(
    pairs.map(([value]) => value),
    pairs.map(([, other]) => other),
  );
}

function reachedOf(
  value: number,
  better: Row["better"],
  { floor, goal }: Partial<Bound>,
): Comparison["reached"] {
  if (floor === undefined) return "not asked";
  const isAtLeast = (limit: number): boolean =>
    better === "higher" ? value >= limit : value <= limit;
  if (goal !== undefined && isAtLeast(goal)) return "goal";
  return isAtLeast(floor) ? "floor" : "missed";
}

function bestPeer(row: Row, systems: readonly SystemSamples[]): SystemName | undefined {
  const peers = systems
    .filter(({ part }) => part === "peer")
    .map((system) => ({ name: system.name, value: summarize(system).value?.median }))
    .filter(({ value }) => value !== undefined);
  const sign = row.better === "higher" ? -1 : 1;
  return peers.toSorted((a, b) => sign * ((a.value ?? 0) - (b.value ?? 0)))[0]?.name;
}
