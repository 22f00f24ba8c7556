import type { RowResult } from "../row.ts";
import { type PlantedFault, plantedFaults } from "./planted-faults.ts";
import { tryFault } from "./try-fault.ts";

/** What became of one planted fault. */
export interface PlantedResult {
  readonly fault: string;
  readonly row: string;
  readonly isFound: boolean;
  /** What the row said; of one that was not found, that it passed or what else it told. */
  readonly said: string;
  readonly seconds: number;
}

/** Plants each fault and runs its row at tier 0; only rows whose name begins with one of `names`, or all. */
export async function runPlanted(
  names: readonly string[],
  tell: (text: string) => void,
): Promise<readonly PlantedResult[]> {
  const chosen = plantedFaults.filter(
    ({ row }) => names.length === 0 || names.some((name) => row.name.startsWith(name)),
  );
  const results: PlantedResult[] = [];
  for (const [at, fault] of chosen.entries()) {
    const label = `[${at + 1}/${chosen.length}] ${fault.row.name}, ${fault.name}`;
    const progress = (text: string): void => tell(`${label}: ${text}`);
    progress("begins");
    const result = await tryFault(fault, { tier: 0, isTest: false, progress });
    results.push(judged(fault, result));
  }
  return results;
}

function judged({ name, row, found }: PlantedFault, result: RowResult): PlantedResult {
  const told = result.faults.find((text) => found.test(text));
  return {
    fault: name,
    row: row.name,
    isFound: told !== undefined,
    said: told ?? result.faults[0] ?? "it passed",
    seconds: result.seconds,
  };
}

const maxSaid = 160;

/** One line a fault, and how many were found. */
export function renderPlanted(results: readonly PlantedResult[]): string {
  const lines = results.map(({ fault, row, isFound, said, seconds }) => {
    const text = said.split("\n", 1)[0]?.slice(0, maxSaid) ?? "";
    return `${isFound ? "found " : "MISSED"}  ${row} on a server with ${fault}: ${text} (${seconds.toFixed(0)} s)`;
  });
  const found = results.filter(({ isFound }) => isFound).length;
  return `${lines.join("\n")}\n\n${found} found, ${results.length - found} missed\n`;
}
