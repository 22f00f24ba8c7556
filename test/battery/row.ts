/** What the battery is made of: rows, each a claim with the run that tries to break it. */

/** 0 runs on every change, in minutes; 1 is the long form. */
export type Tier = 0 | 1;

/** What a row is given. */
export interface RowContext {
  readonly tier: Tier;
  /** Inside `npm test`: no times are judged, since the machine may be busy with anything. */
  readonly isTest: boolean;
  /** The server has a planted fault: where one failure shows it, few connections and short waits will do. */
  readonly isPlanted?: boolean;
  /** The folder for histories; without one none are written, and they are not judged. */
  readonly results?: string;
  /** Says what is being done, for who watches. */
  readonly progress: (text: string) => void;
}

/** What a row found. */
export interface Outcome {
  /** How many tries there were: what the bound is calculated from. */
  readonly count: number;
  /** What one of them is, in the plural: `malformed inputs`. */
  readonly unit: string;
  /** Figures and facts, one short line each. */
  readonly observed: readonly string[];
  /** What was wrong; empty if the row passed. */
  readonly faults: readonly string[];
}

/** One row of PROOF's reliability and security battery, or a part of one. */
export interface Row {
  /** For `--rows`: words joined by hyphens. */
  readonly name: string;
  /** The claim, as one line. */
  readonly what: string;
  /** How much each tier does. */
  readonly tiers: { readonly [Key in Tier]: string };
  /** Whether tier 0 takes seconds: then it is a test of `npm test`, too. */
  readonly isQuick: boolean;
  /** Rejects only if the row could not be run. */
  readonly run: (context: RowContext) => Promise<Outcome>;
}

/** A row that cannot be run yet. */
export interface LaterRow {
  readonly name: string;
  readonly what: string;
  /** What is to be built first. */
  readonly needs: string;
}

/** A row that ran. */
export interface RowResult extends Outcome {
  readonly name: string;
  readonly what: string;
  readonly tier: Tier;
  readonly hasPassed: boolean;
  /** The failure rate that so many clean tries rule out at 95 %; undefined after a failure. */
  readonly failureRateBelow: number | undefined;
  readonly seconds: number;
}

/** The rule of three: N clean tries leave a failure rate under 3/N at 95 % confidence. */
export function failureRateBound(cleanTries: number): number | undefined {
  return cleanTries > 0 ? Math.min(1, 3 / cleanTries) : undefined;
}
