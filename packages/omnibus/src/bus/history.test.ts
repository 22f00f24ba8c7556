import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern } from "../base/index.ts";
import { BusNetwork } from "../testing/index.ts";
import type { Message } from "./message.ts";
import type { LogProvider } from "./plugs.ts";

/** Keeps all messages below `kept/`. */
class TestLog implements LogProvider {
  readonly version = 1;
  readonly kept: Message[] = [];

  covers(topic: string): boolean {
    return topic.startsWith("kept/");
  }

  append(message: Message): void {
    this.kept.push(message);
  }

  last(pattern: string, count: number): Message[] {
    return this.kept
      .filter(({ topic }) => topic === pattern || matchesPattern(pattern, topic))
      .slice(-count);
  }
}

test("messages of covered topics are kept, wherever they come from, and others are not", async () => {
  const log = new TestLog();
  await using net = await BusNetwork.open({ log });
  const { bus } = await net.client();
  net.server.publish("kept/a", 1);
  net.server.publish("other/a", 2);
  bus.publish("kept/b", 3);
  bus.publish("other/b", 4);
  await net.settled();
  assert.deepEqual(
    log.kept.map(({ topic, value }) => [topic, value]),
    [
      ["kept/a", 1],
      ["kept/b", 3],
    ],
  );
});

test("replay comes first, marked, with time and id as they were, then live without a seam", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const a = await net.client();
  const b = await net.client();
  for (let n = 0; n < 5; n++) a.bus.publish("kept/x", n, { id: `id-${n}` });
  await net.settled();
  const timeMs = net.clock.wallMs();
  await net.pass(1000);
  const got: Message[] = [];
  const others: unknown[] = [];
  b.bus.subscribe("kept/x", (message) => others.push(message.value));
  await net.settled();
  b.bus.subscribe("kept/**", (message) => got.push(message), { replay: 3 });
  a.bus.publish("kept/x", 5);
  await net.settled();
  a.bus.publish("kept/x", 6);
  await net.settled();
  assert.deepEqual(
    got.map(({ value }) => value),
    [2, 3, 4, 5, 6].slice(-got.length),
  );
  const fourth = got.find(({ value }) => value === 4);
  assert.deepEqual([fourth?.id, fourth?.isReplay], ["id-4", true]);
  assert.equal(got[0]?.timeMs, timeMs);
  assert.equal(got.at(-1)?.isReplay, false);
  assert.deepEqual(others, [5, 6]);
});

test("replay in the process of the log itself", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  for (let n = 0; n < 5; n++) net.server.publish("kept/x", n);
  const got: [unknown, boolean][] = [];
  net.server.subscribe("kept/*", (message) => got.push([message.value, message.isReplay]), {
    replay: 2,
  });
  net.server.publish("kept/x", 5);
  assert.deepEqual(got, [
    [3, true],
    [4, true],
    [5, false],
  ]);
});
