import { isPattern } from "../base/index.ts";
import type { Message } from "./message.ts";
import type { LogProvider } from "./plugs.ts";

/** What a message of history costs in a queue besides its payload. */
const overheadBytes = 128;

/** What a replay costs at least, in messages looked at; and so many topics are tried in the time of one. */
const leastCost = 10;
const topicsForOne = 10;
/** How many topics a history has that does not say so. */
const manyTopics = 10_000;

/** What becomes of messages of history that a neighbour asked for. */
export interface ReplayCut {
  /** The newest, as many as find room: history waits for nobody. In order of time. */
  readonly sent: readonly Message[];
  /** How many older ones it does not get, by topic. */
  readonly missed: ReadonlyMap<string, number>;
}

/** Of `messages` those that it may receive, cut to `roomBytes`. Asks `mayReceive` once for each topic. */
export function cutReplay(
  messages: readonly Message[],
  roomBytes: number,
  mayReceive: (topic: string) => boolean,
): ReplayCut {
  const verdicts = new Map<string, boolean>();
  const sent: Message[] = [];
  const missed = new Map<string, number>();
  let left = roomBytes;
  for (let n = messages.length - 1; n >= 0; n--) {
    const message = messages[n] as Message;
    const { topic, bytes } = message;
    let isAllowed = verdicts.get(topic);
    if (isAllowed === undefined) verdicts.set(topic, (isAllowed = mayReceive(topic)));
    if (!isAllowed) continue;
    left -= bytes.length + overheadBytes;
    if (left >= 0) sent.push(message);
    else missed.set(topic, (missed.get(topic) ?? 0) + 1);
  }
  return { sent: sent.reverse(), missed };
}

/** What it cost to find so many messages for a pattern, in messages looked at. */
export function replayCost(log: LogProvider, pattern: string, messages: number): number {
  const topics = isPattern(pattern) ? (log.topics ?? manyTopics) : 0;
  return leastCost + Math.ceil(topics / topicsForOne) + messages;
}
