import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "./message.ts";
import { cutReplay, replayCost } from "./replay-cut.ts";

const messages = Array.from(
  { length: 6 },
  (_, n) => ({ topic: n % 2 === 0 ? "even" : "odd", bytes: new Uint8Array(n) }) as Message,
);

test("the newest of a replay are sent as far as there is room, and the others are counted by topic", () => {
  const { sent, missed } = cutReplay(messages, 128 + 5 + (128 + 4), () => true);
  assert.deepEqual(sent, messages.slice(4));
  assert.deepEqual(
    [...missed],
    [
      ["odd", 2],
      ["even", 2],
    ],
  );
  const all = cutReplay(messages, 10_000, () => true);
  assert.deepEqual([all.sent, all.missed.size], [messages, 0]);
});

test("what a neighbour may not receive takes no room in a replay, and is asked for once for each topic", () => {
  const asked: string[] = [];
  const { sent, missed } = cutReplay(messages, 2 * 128 + 6, (topic) => {
    asked.push(topic);
    return topic === "even";
  });
  assert.deepEqual([sent, [...missed]], [[messages[2], messages[4]], [["even", 1]]]);
  assert.deepEqual(asked, ["odd", "even"]);
});

test("a replay of a pattern costs for all topics that were tried, of one topic for its messages", () => {
  const log = { version: 1, covers: () => true, append: () => undefined, last: () => [] };
  assert.equal(replayCost({ ...log, topics: 500 }, "a/*", 7), 10 + 50 + 7);
  assert.equal(replayCost(log, "a/*", 7), 10 + 1000 + 7);
  assert.equal(replayCost({ ...log, topics: 500 }, "a", 7), 17);
});
