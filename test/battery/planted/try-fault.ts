import { BatteryServer } from "../stage/battery-server.ts";
import { type RowContext, type RowResult } from "../row.ts";
import { runRow } from "../run-rows.ts";
import { environmentOf, type PlantedFault } from "./planted-faults.ts";

/** Runs a row against servers with a fault. One at a time. */
export async function tryFault(
  { name, row }: PlantedFault,
  context: RowContext,
): Promise<RowResult> {
  BatteryServer.environment = environmentOf(name);
  try {
    return await runRow(row, { ...context, isPlanted: true });
  } finally {
    BatteryServer.environment = {};
  }
}
