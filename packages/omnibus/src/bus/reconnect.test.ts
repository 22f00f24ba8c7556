import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import type { Dialer } from "../link/index.ts";
import { BusNetwork, FakeClock, SeededRandom } from "../testing/index.ts";
import { createBus } from "./open-bus.ts";

test("a program dials again after 1 s, 2 s, 4 s ... with jitter, and its subscriptions are there again", async () => {
  await using net = await BusNetwork.open();
  const client = await net.client({ maxRedialMs: 8000 });
  const events: string[] = [];
  client.bus.on("disconnected", () => events.push("disconnected"));
  client.bus.on("connected", () => events.push("connected"));
  const got: unknown[] = [];
  client.bus.subscribe("x", (message) => got.push(message.value));
  await net.settled();
  net.isDown = true;
  client.link.destroy();
  await net.pass(40_000);
  const pauses = net.dialledMs.slice(1).map((ms, n) => ms - (net.dialledMs[n] as number));
  for (const [n, base] of [1000, 2000, 4000, 8000, 8000].entries()) {
    const pause = pauses[n] as number;
    assert.ok(
      pause >= base * 0.75 - 100 && pause <= base * 1.25 + 100,
      `pause ${n} is ${pause} ms`,
    );
  }
  net.isDown = false;
  await net.pass(11_000);
  net.server.publish("x", "back");
  await net.settled();
  assert.deepEqual(got, ["back"]);
  assert.deepEqual(events, ["disconnected", "connected"]);
});

test("a first connection that fails rejects openBus, and nothing dials again", async () => {
  await using net = await BusNetwork.open();
  net.isDown = true;
  await assert.rejects(net.client());
  await net.pass(10_000);
  assert.equal(net.dialledMs.length, 1);
});

test("a server that takes the connection and says nothing was waited for without end", async () => {
  await using net = await BusNetwork.open();
  const { clock, random } = net;
  const signals: AbortSignal[] = [];
  const silent: Dialer = {
    schemes: ["test:"],
    dial: (_url, { signal }) => {
      signals.push(signal as AbortSignal);
      return new Promise(() => undefined);
    },
  };
  const options = { connect: "test://silent", dialers: [silent], clock, random };
  const opening = assert.rejects(createBus(options), {
    code: "connect-failed",
    message: /test:\/\/silent does not answer: no connection within 10000 ms/u,
  });
  await net.pass(9900);
  assert.equal(signals[0]?.aborted, false);
  await net.pass(200);
  await opening;
  assert.equal(signals[0]?.aborted, true);
  // Who waits for the server tries again after the pause, until it is told to stop.
  const stopping = new AbortController();
  const { signal } = stopping;
  const waiting = createBus({ ...options, waitForServer: true, report: () => undefined, signal });
  await net.pass(15_000);
  stopping.abort();
  await assert.rejects(waiting, { code: "aborted" });
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true, true],
  );
});

test("waitForServer: a program that starts before its server comes in once that is there", async () => {
  await using net = await BusNetwork.open();
  net.isDown = true;
  const opening = net.client({ waitForServer: true });
  await net.pass(8500);
  assert.equal(net.dialledMs.length, 4);
  assert.match(net.unheard[0] ?? "", /the server is down/);
  net.isDown = false;
  await net.pass(10_000);
  const { bus } = await opening;
  assert.equal(bus.stats.sessions, 1);
});

test("waitForServer: who is refused is not tried again", async () => {
  const authority = {
    version: 0,
    authenticate: () => Promise.reject(new OmnibusError("not-authenticated", "no")),
    may: () => false,
  };
  await using net = await BusNetwork.open({ authority });
  await assert.rejects(net.client({ waitForServer: true }), { code: "not-authenticated" });
  await net.pass(10_000);
  assert.equal(net.dialledMs.length, 1);
});

test("waitForServer: who is told to come back later does", async () => {
  let isBusy = true;
  const authority = {
    version: 0,
    authenticate: () =>
      isBusy
        ? Promise.reject(new OmnibusError("too-many", "later"))
        : Promise.resolve({ name: "a", roles: [] }),
    may: () => true,
  };
  await using net = await BusNetwork.open({ authority });
  const opening = net.client({ waitForServer: true });
  await net.pass(2000);
  isBusy = false;
  await net.pass(5000);
  assert.equal((await opening).bus.stats.sessions, 1);
});

test("a signal that fired during the first connection left openBus waiting for ever", async () => {
  const abort = new AbortController();
  const silent: Dialer = { schemes: ["test:"], dial: () => new Promise<never>(() => {}) };
  const opening = createBus({
    connect: "test://silent",
    dialers: [silent],
    signal: abort.signal,
    clock: new FakeClock(),
    random: new SeededRandom(1),
  });
  abort.abort();
  await assert.rejects(opening, { code: "aborted" });
});

test("waitForServer: a signal ends the wait, and nothing dials again", async () => {
  await using net = await BusNetwork.open();
  const abort = new AbortController();
  net.isDown = true;
  const opening = net.client({ waitForServer: true, signal: abort.signal });
  await net.pass(1500);
  abort.abort();
  await assert.rejects(opening, { code: "aborted" });
  const dialled = net.dialledMs.length;
  await net.pass(10_000);
  assert.equal(net.dialledMs.length, dialled);
});

test("a subscription made while the server is away is ready once it is back", async () => {
  await using net = await BusNetwork.open();
  const client = await net.client();
  client.link.destroy();
  await net.settled();
  const subscription = client.bus.subscribe("x", () => undefined);
  let isReady = false;
  void subscription.ready.then(() => (isReady = true));
  await net.settled();
  assert.equal(isReady, false);
  await net.pass(2000);
  assert.equal(isReady, true);
});

test("a server that hears nothing gives a neighbour up, and so does a program", async () => {
  await using net = await BusNetwork.open();
  const client = await net.client();
  assert.equal(net.server.stats.sessions, 1);
  await net.pass(60_000);
  assert.equal(net.server.stats.sessions, 1);
  client.link.pause();
  client.far.pause();
  net.isDown = true;
  await net.pass(22_000);
  assert.equal(net.server.stats.sessions, 0);
});

test("close sends what waits, and says what it could not send", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const got: unknown[] = [];
  net.server.subscribe("x", (message) => got.push(message.value));
  a.bus.publish("x", 1);
  const closing = a.bus.close();
  await net.pass(100);
  assert.deepEqual([await closing, got], [{ unsentBytes: 0 }, [1]]);
  const b = await net.client({ bufferBytes: 4096 });
  b.far.pause();
  for (let n = 0; n < 3; n++) {
    b.bus.publish("x", new Uint8Array(50_000));
    await net.settled();
  }
  const closingB = b.bus.close();
  await net.pass(2000);
  assert.ok((await closingB).unsentBytes > 0);
});

test("what was published while the connection was lost vanished uncounted, and publish said true", async () => {
  await using net = await BusNetwork.open();
  const { bus, far } = await net.client();
  const overflows: number[] = [];
  bus.on("overflow", ({ count }) => overflows.push(count));
  const here: unknown[] = [];
  bus.subscribe("x", ({ value }) => here.push(value), { realm: "process" });
  net.isDown = true;
  // One in the tick in which it is lost, three after it, one that was never to leave.
  assert.equal(bus.publish("x", 1), true);
  far.destroy();
  await net.settled();
  for (let n = 2; n <= 4; n++) assert.equal(bus.publish("x", n), false);
  assert.equal(bus.publish("x", 5, { realm: "process" }), true);
  assert.ok(bus.stats.dropped >= 3 && bus.stats.dropped <= 4);
  let isDrained = false;
  const drained = bus.drained().then(() => (isDrained = true));
  await net.pass(1000);
  assert.equal(isDrained, false);
  assert.ok(overflows.reduce((sum, count) => sum + count, 0) >= 3);
  net.isDown = false;
  await net.pass(5000);
  await drained;
  assert.equal(bus.publish("x", 6), true);
  assert.deepEqual(here, [1, 2, 3, 4, 5, 6]);
});

test("what waited for a server when the connection was lost is counted as dropped", async () => {
  await using net = await BusNetwork.open();
  const { bus, far, link } = await net.client({ bufferBytes: 1 });
  far.pause();
  for (let n = 0; n < 20; n++) {
    bus.publish("x", new Uint8Array(1000));
    await net.settled();
  }
  net.isDown = true;
  link.destroy();
  await net.settled();
  // Those that the link had taken may have arrived.
  assert.ok(bus.stats.dropped >= 17 && bus.stats.dropped <= 20, `${bus.stats.dropped} dropped`);
});

test("a program that was stopped for a minute took its own pause for the server's silence", async () => {
  await using net = await BusNetwork.open({ keepAliveMs: 300_000 });
  const { bus } = await net.client();
  const ends: unknown[] = [];
  bus.on("disconnected", (event) => ends.push(event));
  // As after SIGCONT: timers come due before anything is read.
  net.clock.skip(60_000);
  await net.settled();
  assert.deepEqual(ends, []);
  await net.pass(10_000);
  assert.deepEqual(ends, []);
});

test("after a reconnection nobody was asked to hold back, and a full blocking queue grew without bound", async () => {
  await using net = await BusNetwork.open();
  const { bus, link } = await net.client();
  const blocking = { overflow: "block", maxQueueBytes: 20_000 } as const;
  const subscription = bus.subscribe<number>("x", blocking);
  const others: unknown[] = [];
  bus.subscribe("y", ({ value }) => others.push(value));
  await net.settled();
  // High, and not full: the topic is held back, and others still come.
  while (net.server.publish("x", 0)) await net.clock.settled(3);
  link.destroy();
  await net.pass(2000);
  const before = bus.stats.received;
  for (let n = 0; n < 1000; n++) {
    net.server.publish("x", n);
    await net.clock.settled(3);
  }
  net.server.publish("y", "goes on");
  await net.settled();
  assert.deepEqual(others, ["goes on"]);
  assert.equal(bus.stats.received - before, 1);
  assert.equal(net.server.publish("x", 1000), false);
  const iterator = subscription.batches();
  for (let isLast = false; !isLast;) {
    const next = iterator.next();
    await net.settled();
    isLast = (await next).value.at(-1)?.value === 1000;
  }
  assert.equal(net.server.publish("x", 1001), true);
});

test("after a reconnection a program read on for a blocking subscription whose queue was full", async () => {
  await using net = await BusNetwork.open();
  const client = await net.client();
  const { bus } = client;
  const subscription = bus.subscribe<number>("x/**", { overflow: "block", maxQueueBytes: 2000 });
  await net.settled();
  // All of it is on its way before the first can be held back.
  for (let n = 0; n < 200; n++) net.server.publish("x/a", n);
  await net.settled();
  client.link.destroy();
  await net.pass(2000);
  const before = bus.stats.received;
  // Of topics that nobody was asked to hold back.
  for (let n = 0; n < 200; n++) net.server.publish(`x/${n}`, n);
  await net.settled();
  assert.equal(bus.stats.received, before);
  const iterator = subscription.batches();
  await iterator.next();
  await net.settled();
  assert.equal(bus.stats.received, before + 200);
});

test("a signal that outlives buses and subscriptions kept all of them in memory", async () => {
  await using net = await BusNetwork.open();
  const { signal } = new AbortController();
  const { bus } = await net.client({ signal });
  const whole = getEventListeners(signal, "abort").length;
  const subscriptions = [bus.subscribe("a", { signal }), bus.subscribe("b", () => 0, { signal })];
  assert.equal(getEventListeners(signal, "abort").length, whole + 2);
  for (const subscription of subscriptions) await subscription.close();
  assert.equal(getEventListeners(signal, "abort").length, whole);
  bus.subscribe("c", { signal });
  await bus.close({ flushMs: 0 });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
