/** Histories of which it is known whether they are right, and if not, what is wrong with them. */
import type { DeliveryPromise, FaultKind } from "./check-deliveries.ts";
import type { EventType, HistoryEvent } from "./history.ts";

export type Step = readonly [process: string, type: EventType, f: string, value: unknown];

const contentOf = (n: number): string => `content ${n}`;
const value = (n: number, topic: string): object => ({ topic, n, content: contentOf(n) });

const invoke = (n: number, topic = "a", by = "p"): Step => [
  by,
  "invoke",
  "publish",
  value(n, topic),
];
const ended = (type: EventType, n: number, topic = "a", by = "p"): Step => [
  by,
  type,
  "publish",
  value(n, topic),
];
export const sent = (n: number, topic = "a", by = "p"): Step[] => [
  invoke(n, topic, by),
  ended("ok", n, topic, by),
];
export const came = (n: number, extra: object = {}, to = "s"): Step => [
  to,
  "ok",
  "deliver",
  { publisher: "p", ...value(n, "a"), ...extra },
];
const again = (n: number): Step => came(n, { isRedelivered: true });
const missed = (count: number): Step => ["s", "info", "missed", { count }];
export const subscribed = (pattern = "a", by = "s"): Step => [by, "ok", "subscribe", pattern];
const left = (pattern = "a"): Step => ["s", "invoke", "unsubscribe", pattern];

export function historyOf(steps: readonly (Step | readonly Step[])[]): HistoryEvent[] {
  const flat = steps.flatMap((step) =>
    typeof step[0] === "string" ? [step as Step] : (step as readonly Step[]),
  );
  return flat.map(([process, type, f, of], t) => ({ process, type, f, value: of, t }));
}

export type Case = readonly [
  name: string,
  promise: DeliveryPromise,
  steps: readonly (Step | readonly Step[])[],
];

export const right: readonly Case[] = [
  ["nothing at all", "exactly-once", []],
  ["each once, in order", "exactly-once", [subscribed(), sent(0), came(0), sent(1), came(1)]],
  [
    "delivered before the publisher knows",
    "exactly-once",
    [subscribed(), invoke(0), came(0), ended("ok", 0)],
  ],
  [
    "before and after the subscription",
    "exactly-once",
    [sent(0), subscribed(), sent(1), came(1), left(), sent(2)],
  ],
  [
    "on its way when the subscription ended",
    "exactly-once",
    [subscribed(), sent(0), left(), came(0)],
  ],
  [
    "under way when the subscription began",
    "exactly-once",
    [invoke(0), subscribed(), ended("ok", 0), came(0)],
  ],
  ["refused, and not delivered", "exactly-once", [subscribed(), invoke(0), ended("fail", 0)]],
  ["unknown, and delivered", "exactly-once", [subscribed(), invoke(0), ended("info", 0), came(0)]],
  ["unknown, and not delivered", "exactly-once", [subscribed(), invoke(0), ended("info", 0)]],
  [
    "dropped, and told",
    "at-most-once",
    [subscribed(), sent(0), sent(1), sent(2), missed(2), came(2)],
  ],
  ["again, and flagged", "at-least-once", [subscribed(), sent(0), came(0), again(0), again(0)]],
  ["late, and flagged", "at-least-once", [subscribed(), sent(0), sent(1), came(1), again(0)]],
  [
    "two publishers, interleaved",
    "exactly-once",
    [subscribed(), sent(5), sent(0, "a", "q"), came(5), came(0, { publisher: "q" })],
  ],
  [
    "a pattern",
    "exactly-once",
    [subscribed("a/*"), sent(0, "a/b"), came(0, { topic: "a/b" }), sent(1, "b")],
  ],
  [
    "two subscribers",
    "exactly-once",
    [subscribed(), subscribed("a", "t"), sent(0), came(0), came(0, {}, "t")],
  ],
];

export const wrong: readonly (readonly [...Case, FaultKind])[] = [
  ["one is lost", "exactly-once", [subscribed(), sent(0)], "lost"],
  ["the first is lost", "exactly-once", [subscribed(), sent(0), sent(1), came(1)], "lost"],
  ["the last is lost", "exactly-once", [subscribed(), sent(0), sent(1), came(0)], "lost"],
  [
    "one in the middle is lost",
    "exactly-once",
    [subscribed(), sent(0), sent(1), sent(2), came(0), came(2)],
    "lost",
  ],
  ["all are lost", "at-least-once", [subscribed(), sent(0), sent(1)], "lost"],
  [
    "one of two subscribers lost it",
    "exactly-once",
    [subscribed(), subscribed("a", "t"), sent(0), came(0)],
    "lost",
  ],
  [
    "what a pattern matches is lost",
    "exactly-once",
    [subscribed("a/**"), sent(0, "a/b/c")],
    "lost",
  ],
  [
    "one of two publishers' is lost",
    "exactly-once",
    [subscribed(), sent(0), sent(0, "a", "q"), came(0)],
    "lost",
  ],
  ["dropped, and nobody told", "at-most-once", [subscribed(), sent(0), sent(1), came(1)], "lost"],
  [
    "two dropped, one told",
    "at-most-once",
    [subscribed(), sent(0), sent(1), sent(2), missed(1), came(2)],
    "lost",
  ],
  [
    "a told drop, where none is allowed",
    "exactly-once",
    [subscribed(), sent(0), missed(1)],
    "lost",
  ],
  [
    "a told drop of acknowledged delivery",
    "at-least-once",
    [subscribed(), sent(0), missed(1)],
    "lost",
  ],
  ["more told than dropped", "at-most-once", [subscribed(), sent(0), missed(2)], "miscounted"],
  [
    "told and delivered all the same",
    "at-most-once",
    [subscribed(), sent(0), missed(1), came(0)],
    "miscounted",
  ],
  ["never sent", "exactly-once", [subscribed(), came(0)], "unexpected"],
  [
    "sent by somebody else",
    "exactly-once",
    [subscribed(), sent(0), came(0), came(0, { publisher: "q" })],
    "unexpected",
  ],
  [
    "refused, and delivered",
    "exactly-once",
    [subscribed(), invoke(0), ended("fail", 0), came(0)],
    "unexpected",
  ],
  ["delivered before it was sent", "exactly-once", [subscribed(), came(0), sent(0)], "unexpected"],
  ["delivered to somebody who did not ask", "exactly-once", [sent(0), came(0)], "unexpected"],
  [
    "delivered to a subscriber of another topic",
    "exactly-once",
    [subscribed("b"), sent(0), came(0)],
    "unexpected",
  ],
  [
    "sent after the end of the subscription",
    "exactly-once",
    [subscribed(), left(), sent(0), came(0)],
    "unexpected",
  ],
  [
    "a number beyond the last",
    "at-most-once",
    [subscribed(), sent(0), came(0), came(7)],
    "unexpected",
  ],
  ["twice", "exactly-once", [subscribed(), sent(0), came(0), came(0)], "duplicated"],
  [
    "twice, with another between",
    "exactly-once",
    [subscribed(), sent(0), sent(1), came(0), came(1), came(0)],
    "duplicated",
  ],
  [
    "twice, of at most once",
    "at-most-once",
    [subscribed(), sent(0), came(0), came(0)],
    "duplicated",
  ],
  [
    "again and flagged, of exactly once",
    "exactly-once",
    [subscribed(), sent(0), came(0), again(0)],
    "duplicated",
  ],
  [
    "flagged at first, of at most once",
    "at-most-once",
    [subscribed(), sent(0), again(0)],
    "duplicated",
  ],
  [
    "again, and not flagged",
    "at-least-once",
    [subscribed(), sent(0), came(0), came(0)],
    "unflagged",
  ],
  [
    "flagged once, and then not",
    "at-least-once",
    [subscribed(), sent(0), came(0), again(0), came(0)],
    "unflagged",
  ],
  [
    "two changed places",
    "exactly-once",
    [subscribed(), sent(0), sent(1), came(1), came(0)],
    "reordered",
  ],
  [
    "the first came last",
    "exactly-once",
    [subscribed(), sent(0), sent(1), sent(2), came(1), came(2), came(0)],
    "reordered",
  ],
  [
    "out of order over two topics",
    "exactly-once",
    [subscribed("*"), sent(0, "a"), sent(1, "b"), came(1, { topic: "b" }), came(0)],
    "reordered",
  ],
  [
    "late, and not flagged",
    "at-least-once",
    [subscribed(), sent(0), sent(1), came(1), came(0)],
    "reordered",
  ],
  [
    "other contents",
    "exactly-once",
    [subscribed(), sent(0), came(0, { content: "x" })],
    "corrupted",
  ],
  [
    "another's contents",
    "at-most-once",
    [subscribed(), sent(0), sent(1), came(0, { content: contentOf(1) })],
    "corrupted",
  ],
  [
    "on another topic",
    "exactly-once",
    [subscribed("*"), sent(0), came(0, { topic: "b" })],
    "corrupted",
  ],
  ["a number used twice", "exactly-once", [subscribed(), sent(0), came(0), sent(0)], "malformed"],
  ["an end without a beginning", "exactly-once", [ended("ok", 0)], "malformed"],
  ["two ends", "exactly-once", [invoke(0), ended("info", 0), ended("ok", 0)], "malformed"],
];
