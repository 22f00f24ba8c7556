import { readFileSync } from "node:fs";
import type { Comparison } from "../scenarios/row-result.ts";

/**
 * Why a floor is missed, as far as profiling has shown: from `packages/bench/reasons.json`, by row and
 * by what it is compared with. Shown only where the floor is missed.
 */
export type Reasons = Readonly<Record<string, string>>;

const FILE = new URL("../../reasons.json", import.meta.url);
const UNKNOWN = "the reason is not known yet";

/** Reads the file. */
export function loadReasons(): Reasons {
  return JSON.parse(readFileSync(FILE, "utf8")) as Reasons;
}

/** `B3 programs, 16 B, one topic / nats`; of a bound against nothing, `TITLE / itself`. */
export function reasonKey(
  title: string,
  { against, detail }: Pick<Comparison, "against"> & { readonly detail?: string | undefined },
): string {
  return `${title} / ${against ?? "itself"}${detail === undefined ? "" : ` / ${detail}`}`;
}

/** What a missed comparison says; undefined for one that is not missed. */
export function reasonOf(
  title: string,
  comparison: Comparison,
  reasons: Reasons,
): string | undefined {
  if (comparison.reached !== "missed") return undefined;
  return reasons[reasonKey(title, comparison)] ?? UNKNOWN;
}
