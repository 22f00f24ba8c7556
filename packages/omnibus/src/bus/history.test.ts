import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, type OmnibusError } from "../base/index.ts";
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
  // 5 was published in the same moment: it is history, or live.
  const first = got[0]?.value === 2 ? [2] : [];
  assert.deepEqual(
    got.map(({ value }) => value),
    [...first, 3, 4, 5, 6],
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

test("a neighbour that asks for much history, again and again, made its queue grow without bound", async () => {
  await using net = await BusNetwork.open({ log: new TestLog(), maxQueueBytes: 65_536 });
  const greedy = await net.client({ bufferBytes: 1 });
  for (let n = 0; n < 300; n++) net.server.publish("kept/x", new Uint8Array(1000));
  await net.settled();
  greedy.link.pause();
  const got: Message[] = [];
  for (let n = 0; n < 20; n++)
    greedy.bus.subscribe("kept/**", (message) => got.push(message), { replay: 300 });
  await net.settled();
  // Charged for the slabs too, in which what waits stands; not for twenty histories of 300 kB.
  const { dropped } = net.server.stats;
  assert.ok(dropped >= 20 * 300 - 2 * 65, `${dropped} dropped`);
  greedy.link.resume();
  await net.settled();
  assert.ok(got.length > 0);
});

test("the newest of the history come where not all find room, and the rest are told as missed", async () => {
  await using net = await BusNetwork.open({ log: new TestLog(), maxQueueBytes: 65_536 });
  const { bus } = await net.client();
  for (let n = 0; n < 300; n++) net.server.publish("kept/x", [n, "x".repeat(1000)]);
  await net.settled();
  const got: [number, boolean][] = [];
  let missed = 0;
  bus.subscribe<[number, string]>(
    "kept/x",
    (message) => {
      got.push([message.value[0], message.isReplay]);
      missed += message.missed;
    },
    { replay: 300 },
  );
  await net.settled();
  assert.ok(got.length > 50 && got.length < 65, `${got.length} came`);
  assert.deepEqual(got.at(-1), [299, true]);
  assert.equal(missed + got.length, 300);
});

/** What a handler is given, history in brackets. */
function lines(into: string[]): (message: Message) => void {
  return ({ value, isReplay, missed }) => {
    if (missed > 0) into.push(`missed ${missed}`);
    into.push(isReplay ? `[${String(value)}]` : String(value));
  };
}

test("subscriptions that were begun at once were each given all of their histories", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const { bus } = await net.client();
  for (let n = 0; n < 5; n++) net.server.publish("kept/x", n);
  await net.settled();
  const got: string[][] = [[], [], [], []];
  bus.subscribe("kept/x", lines(got[0] as string[]), { replay: 3 });
  bus.subscribe("kept/x", lines(got[1] as string[]), { replay: 3 });
  bus.subscribe("kept/**", lines(got[2] as string[]), { replay: 1 });
  bus.subscribe("kept/x", lines(got[3] as string[]));
  await net.settled();
  net.server.publish("kept/x", 5);
  await net.settled();
  const three = ["[2]", "[3]", "[4]", "5"];
  assert.deepEqual(got, [three, three, ["[4]", "5"], ["5"]]);
});

test("what was live before an answer without history came was lost", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const { bus } = await net.client();
  const got: string[][] = [[], []];
  bus.subscribe("other/x", lines(got[0] as string[]));
  await net.settled();
  bus.subscribe("other/*", lines(got[1] as string[]), { replay: 3 });
  // On its way before the server hears of the second subscription.
  net.server.publish("other/x", 1);
  await net.settled();
  net.server.publish("other/x", 2);
  await net.settled();
  assert.deepEqual(got, [
    ["1", "2"],
    ["1", "2"],
  ]);
});

test("what is live before history comes is in it, and is not given twice", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const { bus } = await net.client();
  const got: string[][] = [[], []];
  net.server.publish("kept/x", 0);
  bus.subscribe("kept/x", lines(got[0] as string[]));
  await net.settled();
  bus.subscribe("kept/*", lines(got[1] as string[]), { replay: 3 });
  net.server.publish("kept/x", 1);
  await net.settled();
  net.server.publish("kept/x", 2);
  await net.settled();
  assert.deepEqual(got, [
    ["1", "2"],
    ["[0]", "[1]", "2"],
  ]);
});

test("history of a topic that another subscription holds back came when nobody waited for it", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const { bus } = await net.client();
  const blocking = bus.subscribe("kept/x", { overflow: "block", maxQueueBytes: 2000 });
  await net.settled();
  for (let n = 0; n < 100; n++) {
    net.server.publish("kept/x", n, { congestion: "wait" });
    await net.clock.settled(3);
  }
  const got: string[] = [];
  const second = bus.subscribe("kept/x", lines(got), { replay: 2 });
  await net.settled();
  assert.deepEqual(got, ["[98]", "[99]"]);
  await second.ready;
  await blocking.close();
  await net.settled();
  net.server.publish("kept/x", 100);
  await net.settled();
  assert.equal(got.at(-1), "100");
});

test("a neighbour that asked for all of the history again and again kept its server busy without limit", async () => {
  const log = new TestLog();
  await using net = await BusNetwork.open({ log, neighbourLimits: { maxReplayedPerSec: 200 } });
  const [greedy, calm] = [await net.client(), await net.client()];
  for (let n = 0; n < 200; n++) net.server.publish(`kept/${n}`, n);
  await net.settled();
  let looks = 0;
  const { kept } = log;
  log.last = (pattern) => {
    looks++;
    return kept.filter(({ topic }) => pattern === topic || matchesPattern(pattern, topic));
  };
  const errors: OmnibusError[] = [];
  greedy.bus.on("error", (error) => errors.push(error as OmnibusError));
  const got: unknown[] = [];
  for (let n = 0; n < 100; n++)
    greedy.bus.subscribe("kept/*", ({ value }) => got.push(value), { replay: 10_000 });
  await net.settled();
  // Each costs 1,210: one is four seconds' worth and more, and the second as much as may be owed.
  assert.equal(looks, 2);
  // What it says from now on is not read yet; others are.
  const exact = greedy.bus.subscribe("kept/1", { replay: 1 });
  let isReady = false;
  void exact.ready.then(() => (isReady = true));
  const other: unknown[] = [];
  calm.bus.subscribe("kept/2", ({ value }) => other.push(value), { replay: 1 });
  await net.settled();
  assert.deepEqual([isReady, looks, other], [false, 3, [2]]);
  assert.ok(errors.length > 0 && errors.every(({ code }) => code === "too-many"));
  await net.pass(4500);
  assert.deepEqual([isReady, looks], [true, 4]);
});

test("[WIRE-9.1] the same pattern with a replay once more is replayed once more", async () => {
  await using net = await BusNetwork.open({ log: new TestLog() });
  const { bus } = await net.client();
  for (let n = 0; n < 3; n++) net.server.publish("kept/x", n);
  await net.settled();
  for (const replay of [1, 3]) {
    const got: unknown[] = [];
    bus.subscribe("kept/x", ({ value }) => got.push(value), { replay });
    await net.settled();
    assert.equal(got.length, replay);
  }
});
