import assert from "node:assert/strict";
import { test } from "node:test";
import { BusNetwork } from "../testing/index.ts";
import type { OverflowPolicy, Subscription } from "./bus-view.ts";
import type { Message } from "./message.ts";
import type { RunningSubscription } from "./subscription.ts";

const queueOf8 = 8 * (64 + 1000);

/** A subscription whose queue holds 8 of the messages that `fill` publishes. */
function subscribe(net: BusNetwork, overflow: OverflowPolicy): Subscription<Uint8Array> {
  return net.server.subscribe<Uint8Array>("n", { overflow, maxQueueBytes: queueOf8 });
}

function fill(net: BusNetwork, count: number, first = 0): boolean[] {
  return Array.from({ length: count }, (_, n) =>
    net.server.publish("n", new Uint8Array(1000).fill(first + n)),
  );
}

async function take(
  subscription: Subscription<Uint8Array>,
  count: number,
): Promise<Message<Uint8Array>[]> {
  const iterator = subscription[Symbol.asyncIterator]();
  const got: Message<Uint8Array>[] = [];
  for (let n = 0; n < count; n++) got.push((await iterator.next()).value as Message<Uint8Array>);
  return got;
}

const numbers = (messages: Message<Uint8Array>[]): (number | undefined)[] =>
  messages.map((message) => message.value[0]);

test("drop-oldest keeps the newest, counts what it dropped and tells it with the next", async () => {
  await using net = await BusNetwork.open({ strict: false });
  const subscription = subscribe(net, "drop-oldest");
  fill(net, 12);
  assert.equal(subscription.dropped, 4);
  const got = await take(subscription, 8);
  assert.deepEqual(numbers(got), [4, 5, 6, 7, 8, 9, 10, 11]);
  assert.deepEqual(
    got.map((message) => message.missed),
    [4, 0, 0, 0, 0, 0, 0, 0],
  );
});

test("drop-newest keeps the oldest, and tells the loss with the first after it", async () => {
  await using net = await BusNetwork.open({ strict: false });
  const subscription = subscribe(net, "drop-newest");
  fill(net, 12);
  assert.equal(subscription.dropped, 4);
  assert.deepEqual(numbers(await take(subscription, 8)), [0, 1, 2, 3, 4, 5, 6, 7]);
  fill(net, 1, 50);
  const [next] = await take(subscription, 1);
  assert.deepEqual([next?.value[0], next?.missed], [50, 4]);
});

test("close ends the subscription with an error after what is queued", async () => {
  await using net = await BusNetwork.open({ strict: false });
  const subscription = subscribe(net, "close");
  fill(net, 12);
  const got: (number | undefined)[] = [];
  await assert.rejects(
    async () => {
      for await (const message of subscription) got.push(message.value[0]);
    },
    { code: "overloaded" },
  );
  assert.deepEqual(got, [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("block makes publish say false, and drained resolves when there is room again", async () => {
  await using net = await BusNetwork.open({ strict: false });
  const subscription = subscribe(net, "block");
  assert.deepEqual(fill(net, 6), [true, true, true, true, false, false]);
  let isDrained = false;
  const drained = net.server.drained().then(() => (isDrained = true));
  await take(subscription, 4);
  await net.settled();
  assert.equal(isDrained, false);
  await take(subscription, 2);
  await drained;
  assert.deepEqual(fill(net, 1), [true]);
});

test("who goes on regardless of a blocking subscription loses the newest, counted", async () => {
  await using net = await BusNetwork.open({ strict: false });
  const subscription = subscribe(net, "block");
  fill(net, 12);
  assert.equal(subscription.dropped, 4);
  assert.deepEqual(numbers(await take(subscription, 8)), [0, 1, 2, 3, 4, 5, 6, 7]);
});

test("what a dropped message told of an earlier loss was lost with it", async () => {
  for (const overflow of ["drop-oldest", "drop-newest"] as const) {
    await using net = await BusNetwork.open({ strict: false });
    const subscription = subscribe(net, overflow);
    if (overflow === "drop-oldest") (subscription as unknown as RunningSubscription).noteMissed(5);
    fill(net, 8);
    if (overflow === "drop-newest") (subscription as unknown as RunningSubscription).noteMissed(5);
    fill(net, 1);
    const before = await take(subscription, 8);
    fill(net, 1);
    const [after] = await take(subscription, 1);
    const missed = [...before.map((message) => message.missed), after?.missed];
    const none = Array.from({ length: 7 }, () => 0);
    const expected = overflow === "drop-oldest" ? [6, ...none, 0] : [0, ...none, 6];
    assert.deepEqual(missed, expected, overflow);
  }
});

test("what the queue of a subscription dropped was missing in bus.stats and the overflow event", async () => {
  for (const overflow of ["drop-oldest", "drop-newest", "block"] as const) {
    await using net = await BusNetwork.open({ strict: false });
    const told: { topic: string; count: number }[] = [];
    net.server.on("overflow", (event) => told.push(event));
    for (const pattern of ["n", "*"]) {
      net.server.subscribe<Uint8Array>(pattern, { overflow, maxQueueBytes: queueOf8 });
    }
    net.server.publish("other", new Uint8Array(1000));
    fill(net, 12);
    await net.settled();
    // The one for "n" lost four; the other had one message more.
    assert.equal(net.server.stats.overflowed, 4 + 5, overflow);
    assert.equal(net.server.stats.dropped, 0);
    const first =
      overflow === "drop-oldest" ? [{ topic: "n", count: 8 }] : [{ topic: "n", count: 9 }];
    const other = overflow === "drop-oldest" ? [{ topic: "other", count: 1 }] : [];
    const byTopic = told.toSorted((a, b) => a.topic.localeCompare(b.topic));
    assert.deepEqual(byTopic, [...first, ...other]);
  }
});

test("messages that wait kept the memory of every frame alive that they came in", async () => {
  await using net = await BusNetwork.open();
  const [a, b] = [await net.client(), await net.client()];
  const rare = b.bus.subscribe<Uint8Array>("rare");
  b.bus.subscribe("bulk", () => undefined);
  await net.settled();
  for (let n = 0; n < 20; n++) {
    a.bus.publish("rare", new Uint8Array(16));
    for (let more = 0; more < 50; more++) a.bus.publish("bulk", new Uint8Array(1000));
    await net.settled();
  }
  const waiting = (await rare.batches().next()).value as Message<Uint8Array>[];
  assert.equal(waiting.length, 20);
  const large = waiting.filter(({ bytes }) => bytes.buffer.byteLength > 1000);
  assert.equal(large.length, 1, "only what came last shares memory with its frame");
});

test("who held back more than 10,000 topics at once was ended for it with too-many", async () => {
  await using net = await BusNetwork.open();
  const { bus } = await net.client({ bufferBytes: 1_048_576 });
  const ends: unknown[] = [];
  bus.on("disconnected", (event) => ends.push(event));
  const subscription = bus.subscribe("**", { overflow: "block", maxQueueBytes: 1_500_000 });
  await net.settled();
  for (let n = 0; n < 22_000; n++) {
    net.server.publish(`t/${n}`, n);
    if (n % 100 === 0) await net.settled();
  }
  await net.settled();
  assert.deepEqual(ends, []);
  assert.equal(net.server.publish("t/15000", 1), false);
  await subscription.close();
  await net.settled();
  assert.equal(net.server.publish("t/15000", 2), true);
  assert.deepEqual(ends, []);
});
