import assert from "node:assert/strict";
import { test } from "node:test";
import { BusNetwork, type TestClient } from "../testing/index.ts";
import type { Message } from "./message.ts";

test("messages reach subscribers of other programs in order, also across topics", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client();
  const got: string[] = [];
  b.bus.subscribe("**", (message) => got.push(`${message.topic}=${String(message.value)}`));
  await net.settled();
  for (let n = 0; n < 300; n++) a.bus.publish(`t/${n % 3}`, n);
  await net.settled();
  assert.deepEqual(
    got,
    Array.from({ length: 300 }, (_, n) => `t/${n % 3}=${n}`),
  );
});

test("a publisher that subscribes receives its own once", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const got: unknown[] = [];
  a.bus.subscribe("x", (message) => got.push(message.value));
  await net.settled();
  a.bus.publish("x", 1);
  await net.settled();
  assert.deepEqual(got, [1]);
});

test("from ready on nothing is missed, and after close nothing comes", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client();
  const got: unknown[] = [];
  const subscription = b.bus.subscribe("x", (message) => got.push(message.value));
  let isReady = false;
  void subscription.ready.then(() => (isReady = true));
  assert.equal(isReady, false);
  await net.settled();
  assert.equal(isReady, true);
  a.bus.publish("x", 1);
  await net.settled();
  await subscription.close();
  await net.settled();
  a.bus.publish("x", 2);
  await net.settled();
  assert.deepEqual(got, [1]);
  assert.equal(b.bus.stats.received, 1);
});

test("a message of a narrow realm does not cross a wide link, nor an interest [WIRE-4.2] [WIRE-9.2]", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client();
  const got: unknown[] = [];
  b.bus.subscribe("x", (message) => got.push(message.value));
  b.bus.subscribe("y", (message) => got.push(message.value), { realm: "user" });
  await net.settled();
  a.bus.publish("x", "near", { realm: "lan" });
  a.bus.publish("x", "far");
  a.bus.publish("y", "unwanted");
  await net.settled();
  assert.deepEqual(got, ["far"]);
});

test("large messages arrive whole, over message links and over streams", async () => {
  await using net = await BusNetwork.open();
  for (const isStream of [false, true]) {
    const a = await net.client({ isStream });
    const b = await net.client({ isStream });
    const got: Message<Uint8Array>[] = [];
    b.bus.subscribe<Uint8Array>("big", (message) => got.push(message));
    await net.settled();
    const sizes = [0, 1, 2047, 2048, 2049, 32_768, 65_536, 70_000, 1_048_576];
    for (const [n, size] of sizes.entries()) {
      a.bus.publish("big", new Uint8Array(size).fill(n + 1));
      await net.pass(200);
    }
    assert.deepEqual(
      got.map((message) => message.value.length),
      sizes,
    );
    assert.ok(got.every((message, n) => message.value.every((byte) => byte === n + 1)));
    assert.throws(() => a.bus.publish("big", new Uint8Array(1_048_577)), { code: "too-big" });
    await a.bus.close();
    await b.bus.close();
  }
});

test("a slow receiver loses messages, exactly counted and told, and slows nobody", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536 });
  const overflows: number[] = [];
  net.server.on("overflow", ({ count }) => overflows.push(count));
  const a = await net.client();
  const slow = await net.client({ bufferBytes: 8192 });
  const quick = await net.client();
  const got: Message<number>[] = [];
  let quickCount = 0;
  slow.bus.subscribe<number>("x", (message) => got.push(message));
  quick.bus.subscribe("x", () => quickCount++);
  await net.settled();
  slow.link.pause();
  const total = 3000;
  for (let n = 0; n < total; n++) {
    a.bus.publish("x", { n, padding: "p".repeat(100) });
    if (n % 10 === 9) await net.clock.settled(3);
  }
  await net.pass(2000);
  assert.equal(quickCount, total);
  const dropped = net.server.stats.dropped;
  assert.ok(dropped > 1000, `${dropped} dropped`);
  slow.link.resume();
  await net.pass(1000);
  a.bus.publish("x", { n: total, padding: "" });
  await net.settled();
  assert.equal(got.length, total - dropped + 1);
  assert.equal(
    got.reduce((sum, message) => sum + message.missed, 0),
    dropped,
  );
  assert.equal(slow.bus.stats.missed, dropped);
  assert.equal(
    overflows.reduce((sum, count) => sum + count, 0),
    dropped,
  );
});

test("with congestion wait nothing is lost: publish says false, and drained resolves", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536 });
  const a = await net.client();
  const slow = await net.client({ bufferBytes: 8192 });
  const got: number[] = [];
  slow.bus.subscribe<{ n: number }>("x", (message) => got.push(message.value.n));
  await net.settled();
  slow.link.pause();
  let n = 0;
  let isDrained = false;
  while (
    n < 5000 &&
    a.bus.publish("x", { n: n++, padding: "p".repeat(100) }, { congestion: "wait" })
  ) {
    await net.pass(1);
  }
  assert.ok(n < 2000, `said false after ${n}`);
  const drained = a.bus.drained().then(() => (isDrained = true));
  await net.pass(1000);
  assert.equal(isDrained, false);
  assert.equal(a.bus.publish("other", 1, { congestion: "wait" }), true);
  slow.link.resume();
  await net.pass(500);
  await drained;
  await net.pass(500);
  assert.deepEqual(
    got,
    Array.from({ length: n }, (_, at) => at),
  );
  assert.equal(net.server.stats.dropped, 0);
});

test("a receiver without progress stops a waiting publisher for 5 s, not for ever", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536, keepAliveMs: 600_000 });
  const a = await net.client({ keepAliveMs: 600_000 });
  const stuck = await net.client({ bufferBytes: 8192, keepAliveMs: 600_000 });
  stuck.bus.subscribe("x", () => undefined);
  await net.settled();
  stuck.link.pause();
  while (a.bus.publish("x", "p".repeat(1000), { congestion: "wait" })) await net.clock.settled(3);
  let isDrained = false;
  void a.bus.drained().then(() => (isDrained = true));
  await net.pass(4500);
  assert.equal(isDrained, false);
  await net.pass(2500);
  assert.equal(isDrained, true);
  for (let n = 0; n < 200; n++) {
    a.bus.publish("x", "p".repeat(1000), { congestion: "wait" });
    await net.clock.settled(3);
  }
  assert.ok(net.server.stats.dropped > 0);
});

test("a blocking subscription stops its publisher, and only that topic", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client();
  const subscription = b.bus.subscribe<number>("x", { overflow: "block", maxQueueBytes: 10_000 });
  const others: unknown[] = [];
  b.bus.subscribe("y", (message) => others.push(message.value));
  await net.settled();
  let sent = 0;
  while (sent < 10_000 && a.bus.publish("x", sent++, { congestion: "wait" }))
    await net.clock.settled(3);
  assert.ok(sent < 5000, `said false after ${sent}`);
  a.bus.publish("y", "goes on");
  await net.settled();
  assert.deepEqual(others, ["goes on"]);
  const iterator = subscription[Symbol.asyncIterator]();
  const drained = a.bus.drained();
  for (let n = 0; n < sent; n++) {
    const next = iterator.next();
    await net.clock.settled(2);
    assert.equal(((await next).value as Message<number>).value, n);
  }
  await drained;
  assert.equal(subscription.dropped, 0);
});

test("what is on its way to a blocking subscription when it blocks is not lost", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client({ bufferBytes: 1_048_576 });
  const subscription = b.bus.subscribe<number>("x/**", { overflow: "block", maxQueueBytes: 2000 });
  await net.settled();
  for (let n = 0; n < 500; n++) a.bus.publish(`x/${n % 5}`, n, { congestion: "wait" });
  await net.settled();
  const iterator = subscription[Symbol.asyncIterator]();
  const got: number[] = [];
  for (let n = 0; n < 500; n++) {
    const next = iterator.next();
    await net.clock.settled(3);
    got.push(((await next).value as Message<number>).value);
  }
  assert.deepEqual(
    got.toSorted((x, y) => x - y),
    Array.from({ length: 500 }, (_, n) => n),
  );
  for (let topic = 0; topic < 5; topic++) {
    const own = got.filter((n) => n % 5 === topic);
    assert.deepEqual(
      own,
      own.toSorted((x, y) => x - y),
    );
  }
  assert.equal(subscription.dropped + net.server.stats.dropped, 0);
});

test("a publisher that waits for a blocking subscription goes on when that ends", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const b = await net.client();
  const subscription = b.bus.subscribe("x", { overflow: "block", maxQueueBytes: 2000 });
  await net.settled();
  while (a.bus.publish("x", 1, { congestion: "wait" })) await net.clock.settled(3);
  // The tables change while the topic is held back.
  b.bus.subscribe("other", () => undefined);
  let isDrained = false;
  void a.bus.drained().then(() => (isDrained = true));
  await net.settled();
  assert.equal(isDrained, false);
  await subscription.close();
  await net.settled();
  assert.equal(isDrained, true);
});

test("what a publisher's own queue dropped is told to subscribers behind the server", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client({ bufferBytes: 8192, maxQueueBytes: 65_536 });
  const b = await net.client();
  const got: Message<number>[] = [];
  b.bus.subscribe<number>("x", (message) => got.push(message));
  await net.settled();
  a.far.pause();
  for (let n = 0; n < 2000; n++) {
    a.bus.publish("x", { n, padding: "p".repeat(100) });
    await net.clock.settled(1);
  }
  const { dropped } = a.bus.stats;
  assert.ok(dropped > 500, `${dropped} dropped`);
  a.far.resume();
  await net.pass(500);
  a.bus.publish("x", { n: 2000 });
  await net.settled();
  assert.equal(got.length, 2001 - dropped);
  assert.equal(
    got.reduce((sum, message) => sum + message.missed, 0),
    dropped,
  );
});

/** A server's receivers over a link of this machine and over one of the world, and a publisher that waits. */
async function nearAndFar(net: BusNetwork): Promise<Record<"a" | "near" | "far", TestClient>> {
  const a = await net.client({ linkRealm: "user" });
  const near = await net.client({ linkRealm: "user", bufferBytes: 1 });
  const far = await net.client({ bufferBytes: 1 });
  for (const topic of ["x", "near"]) near.bus.subscribe(topic, () => undefined);
  for (const topic of ["x", "far"]) far.bus.subscribe(topic, () => undefined);
  await net.settled();
  return { a, near, far };
}

/** Fills the queue for a receiver that stops reading, with messages to a topic of its own. */
async function fill(net: BusNetwork, { link }: TestClient, topic: string): Promise<void> {
  link.pause();
  while (net.server.publish(topic, "p".repeat(10_000))) await net.clock.settled(3);
}

test("a publisher waited for a slow receiver that gets nothing of so narrow a realm", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536 });
  const { a, near, far } = await nearAndFar(net);
  await fill(net, far, "far");
  const narrow = { realm: "user", congestion: "wait" } as const;
  assert.equal(net.server.publish("x", 0, narrow), true);
  assert.equal(net.server.publish("x", 0, { ...narrow, realm: "global" }), false);
  await net.settled();
  const before = near.bus.stats.received;
  for (let n = 0; n < 20; n++) {
    assert.equal(a.bus.publish("x", n, narrow), true);
    await net.pass(100);
  }
  assert.equal(near.bus.stats.received - before, 20);
});

test("a publisher went on waiting for a wide link, when the narrow one that it waited for was read again", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536 });
  const { a, near, far } = await nearAndFar(net);
  await fill(net, near, "near");
  await fill(net, far, "far");
  const narrow = { realm: "user", congestion: "wait" } as const;
  for (let n = 0; n < 100 && a.bus.publish("x", n, narrow); n++) await net.pass(100);
  assert.equal(a.bus.publish("x", 1, narrow), false);
  let isDrained = false;
  void a.bus.drained().then(() => (isDrained = true));
  near.link.resume();
  await net.pass(100);
  assert.equal(isDrained, true);
});

test("a program waited for a server that gets nothing of so narrow a realm", async () => {
  await using net = await BusNetwork.open();
  const { bus, far } = await net.client({ bufferBytes: 1, maxQueueBytes: 65_536 });
  const got: unknown[] = [];
  bus.subscribe("x", ({ value }) => got.push(value), { realm: "process" });
  far.pause();
  while (bus.publish("x", "p".repeat(10_000))) await net.settled();
  assert.equal(bus.publish("x", 1, { realm: "user" }), true);
  assert.equal(bus.publish("x", 2), false);
  assert.deepEqual(got.slice(-2), [1, 2]);
});

test("a publisher that waits was ended with too-many for more than 10,000 topics of a slow receiver", async () => {
  const neighbourLimits = { maxNewTopicsPerSec: 100_000 };
  await using net = await BusNetwork.open({ neighbourLimits, maxQueueBytes: 4_194_304 });
  const [a, slow] = [await net.client(), await net.client({ bufferBytes: 1 })];
  const ends: unknown[] = [];
  a.bus.on("disconnected", (event) => ends.push(event));
  slow.bus.subscribe("**", () => undefined);
  await net.settled();
  slow.link.pause();
  for (let n = 0; n < 250; n++) net.server.publish("x", "p".repeat(10_000));
  await net.settled();
  for (let n = 0; n < 15_000; n++) {
    a.bus.publish(`t/${n}`, n, { congestion: "wait" });
    if (n % 1000 === 0) await net.pass(100);
  }
  await net.pass(100);
  assert.deepEqual(ends, []);
  assert.equal(a.bus.publish("t/5000", 1, { congestion: "wait" }), false);
  slow.link.resume();
  await net.pass(1000);
  assert.equal(a.bus.publish("t/5000", 1, { congestion: "wait" }), true);
  assert.equal(net.server.stats.dropped, 0);
});
