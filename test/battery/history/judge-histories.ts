import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkDeliveries, type DeliveryPromise } from "./check-deliveries.ts";
import { readHistory } from "./history.ts";

const mostTold = 5;

/**
 * Judges the histories of a folder, one of each process (`*.jsonl`), merged by their times: those must be of
 * one clock. The first few faults; empty if nothing was wrong.
 */
export function judgeHistories(folder: string, promise: DeliveryPromise): string[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".jsonl"));
  const events = files.flatMap((file) => readHistory(readFileSync(join(folder, file), "utf8")));
  if (events.length === 0) return [`no history in ${folder}`];
  const faults = checkDeliveries(
    events.toSorted((a, b) => a.t - b.t),
    promise,
  );
  return faults.slice(0, mostTold).map(({ kind, text }) => `history: ${kind}: ${text}`);
}
