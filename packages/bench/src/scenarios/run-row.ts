import { palindromicOrder } from "../harness/rounds.ts";
import { shortNumber } from "../report/numbers.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";
import type { Policy } from "../systems/system.ts";
import type { Row, Sample, Timing } from "./row.ts";
import { compare, type Part, type RowResult, summarize } from "./row-result.ts";

/** Told what is being measured. */
export interface Progress {
  /** Before each sample. */
  step(row: string, system: string): void;
  /** After each sample. */
  seen(row: string, system: string, value: string): void;
}

interface Entry {
  readonly name: SystemName;
  readonly part: Part;
  readonly policy: Policy;
  readonly samples: (Sample | undefined)[];
}

/** The systems of a row with their parts, ours first. */
export function partsOf(row: Row): { name: SystemName; part: Part }[] {
  return [
    { name: row.ours, part: "ours" },
    ...row.peers.map((name) => ({ name, part: "peer" as const })),
    ...row.ceilings.map((name) => ({ name, part: "ceiling" as const })),
  ];
}

/** Measures all systems of a row, interleaved. What fails is a fault of the row; the rest goes on. */
export async function runRow(row: Row, timing: Timing, progress: Progress): Promise<RowResult> {
  const rounds = Math.min(timing.rounds, row.maxRounds ?? timing.rounds);
  const faults: string[] = [];
  const skipped: { name: SystemName; install: string }[] = [];
  const entries: Entry[] = [];
  for (const { name, part } of partsOf(row)) {
    const missing = await missingOf(name, part);
    if (missing.install !== undefined) skipped.push({ name, install: missing.install });
    else entries.push({ name, part, policy: missing.policy, samples: [] });
  }
  for (const round of palindromicOrder(entries, rounds)) {
    for (const entry of round) {
      progress.step(row.title, entry.name);
      const sample = await measureOnce(row, entry.name, timing);
      faults.push(...sample.faults.map((fault) => `${entry.name}: ${fault}`));
      entry.samples.push(sample.faults.length === 0 ? sample : undefined);
      const isCounted = sample.faults.length === 0;
      const outcome = isCounted ? `${shortNumber(sample.value)} ${row.unit}` : "WRONG";
      progress.seen(row.title, entry.name, outcome);
    }
  }
  return {
    title: row.title,
    scenario: row.scenario,
    unit: row.unit,
    better: row.better,
    ...(row.note === undefined ? {} : { note: row.note }),
    rounds,
    systems: entries.map(summarize),
    comparisons: compare(row, entries),
    faults,
    skipped,
  };
}

async function measureOnce(row: Row, system: SystemName, timing: Timing): Promise<Sample> {
  try {
    return await row.measure(system, timing);
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { value: 0, details: {}, faults: [text] };
  }
}

/** A package that npm did not install counts as missing, too. */
async function missingOf(
  name: SystemName,
  part: Part,
): Promise<{ install: string } | { install: undefined; policy: Policy }> {
  try {
    const system = await loadSystem(name);
    const install = system.missing();
    return install === undefined ? { install, policy: system.policy } : { install };
  } catch (error) {
    if (part === "ours") throw error;
    // A package that is not there, or whose binary does not load on this machine.
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return { install: `npm ci (${reason})` };
  }
}
