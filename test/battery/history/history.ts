/** What happened in a run, as PROOF writes it down: one JSON object a line. */

/** `invoke` begins an operation, the others end it; `info` says that nobody knows (a timeout). */
export type EventType = "invoke" | "ok" | "fail" | "info";

/** One line of a history. */
export interface HistoryEvent {
  /** Who did it. */
  readonly process: string;
  readonly type: EventType;
  /** The function: `publish`, `subscribe`, `unsubscribe`, `deliver`, `missed`. */
  readonly f: string;
  readonly value: unknown;
  /** Milliseconds, of a clock that all processes of the run share. */
  readonly t: number;
}

const types: ReadonlySet<unknown> = new Set(["invoke", "ok", "fail", "info"]);

export function writeHistory(events: readonly HistoryEvent[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** Throws an Error that names the line which is no event. */
export function readHistory(text: string): HistoryEvent[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, at) => {
      const event = JSON.parse(line) as Partial<HistoryEvent>;
      const isGood =
        typeof event.process === "string" &&
        types.has(event.type) &&
        typeof event.f === "string" &&
        typeof event.t === "number";
      if (!isGood) throw new Error(`line ${at + 1} is no event: ${line}`);
      return event as HistoryEvent;
    });
}

/** Gathers events of several processes in the order in which they are told. */
export class HistoryRecorder {
  readonly events: HistoryEvent[] = [];

  add(process: string, type: EventType, f: string, value: unknown): void {
    this.events.push({ process, type, f, value, t: performance.timeOrigin + performance.now() });
  }
}
