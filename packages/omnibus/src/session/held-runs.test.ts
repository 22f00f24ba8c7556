import assert from "node:assert/strict";
import { test } from "node:test";
import { assertQuiet, blockedPair, payloadOf, sessionPair } from "../testing/index.ts";
import { queueLimits } from "./send-queue.ts";

test("an address that is held back waits alone, and goes on in order [WIRE-10.1]", () => {
  const pair = sessionPair();
  const { a, b, clock, toA, toB } = pair;
  a.publish("slow", payloadOf(1));
  a.publish("fast", payloadOf(1));
  clock.settle();
  toA.say.credit(b.topic("slow"), "hold");
  clock.settle();
  assert.deepEqual(a.events.slice(1), ["hold slow"]);
  assert.ok(toB.sender.isHigh(a.topic("slow")) && !toB.sender.isHigh(a.topic("fast")));
  for (let n = 2; n < 5; n++) {
    a.publish("slow", payloadOf(n));
    a.publish("fast", payloadOf(n));
    if (n === 3) clock.settle();
  }
  clock.settle();
  assert.deepEqual(b.seen, ["slow:1", "fast:1", "fast:2", "fast:3", "fast:4"]);
  toA.say.credit(b.topic("slow"), "go");
  clock.settle();
  a.publish("slow", payloadOf(5));
  clock.settle();
  assert.deepEqual(b.seen.slice(5), ["slow:2", "slow:3", "slow:4", "slow:5"]);
  assertQuiet(pair);
});

test("a run held back for one session was overwritten before the others had sent it", () => {
  const pair = sessionPair();
  const { a, b, clock, toA, toB } = pair;
  const [near, far] = pair.network.connect();
  b.attach(far);
  const second = a.attach(near, { credentials: { kind: "anonymous" } });
  clock.settle();
  toA.say.credit(b.topic("t"), "hold");
  clock.settle();
  // The spool is almost full: telling the number of the address must not empty it.
  const pad = 65_536 - 2 * 1031 - 64 - 100;
  a.publish("pad", payloadOf(7, 30_000), { to: [second] });
  a.publish("pad2", payloadOf(7, pad - 30_000 - 2100), { to: [second] });
  a.publish("t", payloadOf(5, 60), { to: [toB, second] });
  clock.settle();
  toA.say.credit(b.topic("t"), "go");
  clock.settle();
  assert.deepEqual(
    b.events.filter((event) => event.startsWith("damaged")),
    [],
  );
  assert.deepEqual(b.seen, ["pad:7", "pad2:7", "t:5", "t:5"]);
  assertQuiet(pair);
});

test("what a held address lost is told before what waited behind it", () => {
  const limits = queueLimits(2000);
  const pair = blockedPair({ dialer: { limits } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 30; n++) {
    a.publish("t", payloadOf(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  linkB.resume();
  clock.settle();
  toB.sender.hold(a.topic("t"));
  a.publish("t", payloadOf(200));
  clock.settle();
  toB.sender.letGo(a.topic("t"));
  clock.settle();
  assert.deepEqual(b.seen.slice(-2), [`gap t ${lost}`, "t:200"]);
});

test("what was lost between held runs was told before all of them [WIRE-10.3]", () => {
  const pair = sessionPair({ dialer: { limits: queueLimits(2080) } });
  const { a, b, clock, toB } = pair;
  toB.sender.hold(a.topic("held"));
  for (let n = 1; n <= 20; n++) {
    a.publish("held", payloadOf(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  const kept = 20 - lost;
  // It still fits behind those that do not.
  a.publish("held", payloadOf(99));
  clock.settle();
  assert.equal(toB.sender.dropped, lost);
  toB.sender.letGo(a.topic("held"));
  clock.settle();
  assert.ok(kept > 1 && lost > 1);
  assert.deepEqual(b.seen.slice(-3), [`held:${kept}`, `gap held ${lost}`, "held:99"]);
  assert.equal(b.seen.filter((one) => one.startsWith("gap")).length, 1);
  assertQuiet(pair);
});

test("one held address filled the whole queue, and the others were dropped", () => {
  const pair = sessionPair({ dialer: { limits: queueLimits(10_000) } });
  const { a, b, clock, toB } = pair;
  toB.sender.hold(a.topic("held"));
  for (let n = 0; n < 200; n++) {
    a.publish("held", payloadOf(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  assert.ok(lost > 100 && lost < 200);
  for (let n = 0; n < 30; n++) a.publish("free", payloadOf(n, 100));
  clock.settle();
  assert.equal(toB.sender.dropped, lost);
  assert.equal(b.seen.length, 30);
  toB.sender.letGo(a.topic("held"));
  a.publish("held", payloadOf(250));
  clock.settle();
  assert.equal(b.arrived.filter(({ topic }) => topic === "held").length, 201 - lost);
  assert.deepEqual(b.seen.slice(-2), [`gap held ${lost}`, "held:250"]);
  assertQuiet(pair);
});

test("a held run named a number that went to another address meanwhile", () => {
  const pair = sessionPair({ maxAddresses: 4 });
  const { a, b, clock, toB } = pair;
  toB.sender.hold(a.topic("held"));
  a.publish("held", payloadOf(1));
  clock.settle();
  for (let n = 0; n < 12; n++) {
    a.publish(`t/${n}`, payloadOf(n));
    clock.settle();
  }
  a.publish("held", payloadOf(2));
  clock.settle();
  toB.sender.letGo(a.topic("held"));
  clock.settle();
  assert.deepEqual(
    b.seen.filter((one) => one.startsWith("held")),
    ["held:1", "held:2"],
  );
  assert.equal(b.seen.length, 14);
  assertQuiet(pair);
});

test("a neighbour that holds back more than 10,000 topics is ended", () => {
  const { a, b, clock, toA, toB } = sessionPair();
  for (let n = 0; n <= 10_000; n++) toA.say.credit(b.topic(`t/${n}`), "hold");
  clock.settle();
  assert.equal(toB.state, "closed");
  assert.match(a.events.at(-1) ?? "", /^closed \[too-many\]/);
});
