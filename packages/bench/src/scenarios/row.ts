import type { SystemName } from "../systems/registry.ts";

/** The scenarios of PROOF's table that are built. */
export type Scenario = "B1" | "B3" | "B4" | "B6" | "B9";

/** How long each sample takes, and how many rounds there are. */
export interface Timing {
  readonly warmupMs: number;
  readonly windowMs: number;
  readonly rounds: number;
  /** Before memory is weighed: 1,000, except where only correctness counts. */
  readonly settleMs: number;
  /** Connections of rows about many: divided by this. 1, except where only correctness counts. */
  readonly shrink: number;
}

/** One measurement of one system. */
export interface Sample {
  readonly value: number;
  /** Further figures by name with unit, such as `p99 us`. */
  readonly details: Readonly<Record<string, number>>;
  /** What was lost, duplicated, reordered or wrong; such a run does not count. */
  readonly faults: readonly string[];
}

/**
 * What is asked of ours. Against a system: of the ratio ours/theirs. Against nothing: of ours itself.
 * For rows where less is better, floor and goal are upper limits.
 */
export interface Bound {
  readonly against: SystemName | undefined;
  readonly floor: number;
  readonly goal?: number;
  /** Another figure of the samples than their value. */
  readonly detail?: string;
}

/** One row of the table. */
export interface Row {
  /** Begins with the scenario, such as `B3 programs 16 B`. */
  readonly title: string;
  readonly scenario: Scenario;
  readonly unit: string;
  readonly better: "higher" | "lower";
  /** Ours, the peers, the ceilings, in the order of the table. */
  readonly ours: SystemName;
  readonly peers: readonly SystemName[];
  readonly ceilings: readonly SystemName[];
  readonly bounds: readonly Bound[];
  /** The peer that the short form keeps; undefined: the short form leaves the row out. */
  readonly shortPeer?: SystemName | "none";
  /** Part of `--check`. Default: false. */
  readonly isChecked?: boolean;
  /** Rounds of the full form at most; for rows whose samples take long. */
  readonly maxRounds?: number;
  /** What the figures mean, where the title does not say it all. */
  readonly note?: string;
  measure(system: SystemName, timing: Timing): Promise<Sample>;
}

/** The sizes of PROOF's rows. */
export const SIZES: readonly number[] = [16, 256, 1024, 65_536];

/** `16 B`, `1 KiB`. */
export function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${bytes / 1024} KiB`;
}
