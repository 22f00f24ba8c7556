import type { Message } from "../../bus/index.ts";
import { idOf } from "./message-id.ts";
import type { JsonHistory } from "./options.ts";

/** Where a message stands in the history. */
export interface Bookmark {
  readonly topic: string;
  readonly id: string;
  readonly timeMs: number;
  readonly qos: 0 | 1;
}

export function bookmarkOf(message: Message): Bookmark {
  const { topic, timeMs, qos } = message;
  return { topic, id: idOf(message), timeMs, qos };
}

/** The message, if the history still has it; of several with one id, topic and time the first. */
export function messageAt(
  { topic, id, timeMs }: Bookmark,
  history: JsonHistory,
): Message | undefined {
  const stored = history.last(topic, Number.POSITIVE_INFINITY);
  return stored.find((message) => message.timeMs === timeMs && idOf(message) === id);
}
