import type { ReadersReport } from "../workers/load-subscribers.ts";
import type { Load, Readers } from "./load.ts";

/** So often who was stopped is sent one message more, until all know what they missed. */
const maxRounds = 10;

/** What came of it when nothing is under way any more. */
export interface Told {
  /** To each topic. */
  readonly sent: readonly number[];
  /** By the publisher itself. */
  readonly droppedAtPublisher: number;
  readonly report: ReadersReport;
  /** By the server. */
  readonly dropped: number;
}

/**
 * Lets those who were stopped read all that waits. What somebody missed is told before its next message, and
 * who is slow on a busy machine may miss that one as well.
 */
export async function tellAll(
  load: Load,
  victims: Readers,
  countDropped: () => Promise<number>,
): Promise<Told> {
  victims.goOn();
  for (let rounds = 1; ; rounds++) {
    await victims.settled();
    await load.publisher.call("round", undefined);
    await victims.settled();
    const { sent, dropped: droppedAtPublisher } = await load.publisher.call("stop", undefined);
    const report = await victims.report(sent);
    const dropped = await countDropped();
    if (report.missed === dropped || rounds === maxRounds) {
      return { sent, droppedAtPublisher, report, dropped };
    }
  }
}

/** Whether every drop was counted, told, and is what is missing. */
export function faultsOfDrops({ report, dropped }: Told): string[] {
  const { missed, lost, faults } = report;
  const isExact = missed === dropped && lost === dropped;
  return isExact ? [...faults] : [...faults, `${dropped} dropped, ${missed} told, ${lost} missing`];
}
