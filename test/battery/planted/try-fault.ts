import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatteryServer } from "../stage/battery-server.ts";
import { type RowContext, type RowResult } from "../row.ts";
import { runRow } from "../run-rows.ts";
import { environmentOf, type PlantedFault } from "./planted-faults.ts";

/** Runs a row against servers with a fault, and judges the histories that it writes. One at a time. */
export async function tryFault(
  { name, row }: PlantedFault,
  context: Omit<RowContext, "results">,
): Promise<RowResult> {
  const results = mkdtempSync(join(tmpdir(), "omnibus-planted-"));
  BatteryServer.environment = environmentOf(name);
  try {
    return await runRow(row, { ...context, results, isPlanted: true });
  } finally {
    BatteryServer.environment = {};
    rmSync(results, { recursive: true, force: true });
  }
}
