import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import {
  assertQuiet,
  blockedPair,
  joinBytes,
  payloadOf,
  RunLog,
  SeededRandom,
  sessionPair,
} from "../testing/index.ts";
import type { Address } from "../wire/index.ts";
import { queueLimits } from "./send-queue.ts";

test("a number is told once for each session, before its first run [WIRE-7.2]", () => {
  const pair = sessionPair();
  const log = new RunLog();
  const { a, clock, toB } = pair;
  const told: string[] = [];
  const { queue } = toB.sender;
  const addControl = queue.addControl.bind(queue);
  queue.addControl = (slab, start, end, sendClass): void => {
    told.push(...linesOf(log, slab.bytes.slice(start, end)));
    addControl(slab, start, end, sendClass);
  };
  for (let round = 0; round < 3; round++) {
    for (const topic of ["x", "y"]) a.publish(topic, payloadOf(round));
    clock.settle();
  }
  assert.deepEqual(told, ["alias/0 010078", "alias/0 020079"]);
  assert.deepEqual(pair.b.seen, ["x:0", "y:0", "x:1", "y:1", "x:2", "y:2"]);
});

function linesOf(log: RunLog, run: Uint8Array): string[] {
  const bare = new RunLog({ hasHash: false });
  bare.readAll(joinBytes(Uint8Array.of(0, run.length), run));
  return [...log.lines.splice(0), ...bare.lines];
}

test("numbers run out: those unused for longest go to others, and sessions are told again", () => {
  const pair = sessionPair({ maxAddresses: 8 });
  const { a, b, clock } = pair;
  const random = new SeededRandom(3);
  const sent: string[] = [];
  for (let n = 0; n < 500; n++) {
    const topic = `t/${random.integer(30)}`;
    a.publish(topic, payloadOf(n % 256));
    sent.push(`${topic}:${n % 256}`);
    if (random.integer(3) === 0) clock.settle();
    else a.outbox.flush();
  }
  clock.settle();
  assert.deepEqual(b.seen, sent);
  assert.ok(a.book.size <= 8);
  assertQuiet(pair);
});

test("numbers that a run for several names are not given to other addresses [WIRE-4.5]", () => {
  const pair = sessionPair({ maxAddresses: 8 });
  const { a, b, clock, toB } = pair;
  const random = new SeededRandom(4);
  const sent: string[] = [];
  let before: Address | undefined;
  let inTick = 0;
  for (let n = 0; n < 2000; n++) {
    const topic = `t/${random.integer(20)}`;
    const address = a.topic(topic);
    const { sender } = toB;
    // As a bus does: only what the neighbour knows shares a run.
    const mayJoin = before !== undefined && sender.knows(before) && sender.knows(address);
    a.publish(topic, payloadOf(n % 256), { mayJoin });
    before = sender.knows(address) ? address : undefined;
    sent.push(`${topic}:${n % 256}`);
    if (++inTick === 7 || random.integer(6) === 0) {
      clock.settle();
      inTick = 0;
    }
  }
  clock.settle();
  assert.deepEqual(b.seen, sent);
  assertQuiet(pair);
});

test("a number that a queued run names was given to another address", () => {
  const pair = blockedPair({ maxAddresses: 8 });
  const { a, b, clock, linkB } = pair;
  const sent = ["filler:0", "filler:0"];
  for (let n = 0; n < 7; n++) {
    a.publish(`t/${n}`, payloadOf(n));
    sent.push(`t/${n}:${n}`);
    clock.settle();
  }
  assert.throws(() => a.publish("one/more", payloadOf(9)), /\[too-many\]/);
  linkB.resume();
  clock.settle();
  a.publish("one/more", payloadOf(9));
  clock.settle();
  assert.deepEqual(b.seen, [...sent, "one/more:9"]);
  assertQuiet(pair);
});

test("a receiver whose own numbers ran out handed messages to the wrong topic", () => {
  const pair = sessionPair();
  const few = sessionPair({ maxAddresses: 4 });
  assert.ok(pair);
  const { a, b, clock } = few;
  // `b` numbers what `a` tells it; `a` publishes few topics, `b` uses up its own numbers in between.
  a.publish("t/1", payloadOf(1));
  clock.settle();
  for (let n = 0; n < 4; n++) {
    b.topic(`own/${n}`);
    b.outbox.flush();
  }
  a.publish("t/1", payloadOf(2));
  clock.settle();
  assert.deepEqual(b.seen, ["t/1:1", "t/1:2"]);
  assert.equal(b.arrived[1]?.topic, "t/1");
});

test("drops are counted exactly, and told before the next message of that topic", () => {
  const limits = queueLimits(4000);
  const pair = blockedPair({ dialer: { limits } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 100; n++) {
    a.publish(n % 2 === 0 ? "even" : "odd", payloadOf(n, 100));
    clock.settle();
  }
  const { dropped, queue } = toB.sender;
  assert.ok(dropped > 50 && dropped < 100);
  assert.ok(queue.chargedBytes <= limits.maxBytes + 512);
  linkB.resume();
  clock.settle();
  const before = b.arrived.length - 2;
  assert.equal(before, 100 - dropped);
  a.publish("odd", payloadOf(200));
  a.publish("even", payloadOf(201));
  a.publish("odd", payloadOf(202));
  clock.settle();
  const gaps = b.events.filter((event) => event.startsWith("gap"));
  const count = (topic: string): number =>
    Number(gaps.find((gap) => gap.includes(topic))?.split(" ")[2]);
  assert.equal(count("odd") + count("even"), dropped);
  assert.deepEqual(b.seen.slice(2 + before), [gaps[0], "odd:200", gaps[1], "even:201", "odd:202"]);
  assertQuiet(pair);
});

test("drops of runs with many messages count the messages", () => {
  const pair = blockedPair({ dialer: { limits: queueLimits(2000) } });
  const { a, b, clock, linkB, toB } = pair;
  for (let run = 0; run < 10; run++) {
    for (let n = 0; n < 50; n++) a.publish("t", payloadOf(n, 10));
    clock.settle();
  }
  assert.equal(toB.sender.dropped % 50, 0);
  linkB.resume();
  clock.settle();
  a.publish("t", payloadOf(99));
  clock.settle();
  const arrived = b.arrived.filter(({ payload: bytes }) => bytes.length > 0).length - 3;
  assert.deepEqual(b.events.slice(1), [`gap t ${toB.sender.dropped}`]);
  assert.equal(arrived + toB.sender.dropped, 500);
});

test("a gap of a topic whose number went to another topic was told of the other", () => {
  const pair = blockedPair({ dialer: { limits: queueLimits(1000) }, maxAddresses: 3 });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 20; n++) a.publish("lost", payloadOf(n, 100));
  clock.settle();
  a.publish("lost", payloadOf(77, 2000));
  clock.settle();
  assert.ok(toB.sender.dropped > 0);
  linkB.resume();
  clock.settle();
  a.outbox.flush();
  for (const topic of ["x", "y", "z"]) {
    a.publish(topic, payloadOf(1));
    clock.settle();
  }
  const gaps = b.events.filter((event) => event.startsWith("gap"));
  assert.deepEqual(gaps, [`gap lost ${toB.sender.dropped}`]);
});

test("two claims of a large loss added up to a number that the next neighbour could not read", () => {
  const { a, b, clock, toB } = sessionPair();
  const topic = a.topic("t");
  for (let n = 0; n < 2; n++) toB.sender.noteMissed(topic, Number.MAX_SAFE_INTEGER);
  a.publish("t", payloadOf(1));
  clock.settle();
  assert.deepEqual(b.seen, [`gap t ${Number.MAX_SAFE_INTEGER}`, "t:1"]);
});

test("patient runs are not dropped by a full queue, and the node is told to stop reading", () => {
  const pair = blockedPair({ dialer: { limits: queueLimits(2000) } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 100; n++) {
    a.publish("t", payloadOf(n, 100), { isPatient: true });
    clock.settle();
  }
  assert.equal(toB.sender.dropped, 0);
  assert.ok(toB.sender.isOver && toB.sender.isHigh(a.topic("t")));
  linkB.resume();
  clock.settle();
  assert.equal(b.seen.length, 102);
  assert.ok(!toB.sender.isOver && !toB.sender.isHigh(a.topic("t")));
  assert.deepEqual(a.events.slice(1), ["low"]);
  assertQuiet(pair);
});

test("`low` is told once, when the queue falls below its low mark", () => {
  const pair = blockedPair({
    dialer: { limits: { maxBytes: 10_000, highBytes: 1000, lowBytes: 500 } },
  });
  const { a, clock, linkB, toB } = pair;
  for (let n = 0; n < 6; n++) a.publish("t", payloadOf(n, 100));
  clock.settle();
  for (let n = 0; n < 6; n++) a.publish("t", payloadOf(n, 100));
  clock.settle();
  assert.ok(toB.sender.queue.isHigh);
  linkB.resume();
  clock.settle();
  assert.ok(!toB.sender.queue.isHigh);
  assert.equal(a.events.filter((event) => event === "low").length, 1);
  assertQuiet(pair);
});

test("one message that is larger than the whole queue was always dropped", () => {
  const pair = sessionPair({ dialer: { limits: queueLimits(1000) } });
  const { a, b, clock, toB } = pair;
  a.publish("t", payloadOf(1, 5000));
  clock.settle();
  a.publish("t", payloadOf(2, 100_000));
  clock.settle();
  assert.deepEqual(b.seen, ["t:1", "t:2"]);
  assert.equal(toB.sender.dropped, 0);
  assertQuiet(pair);
});

test("a run that the neighbour would refuse as too big is dropped here, and counted", () => {
  const pair = sessionPair({ accepter: { hello: { maxFrameBytes: 131_072 } } });
  const { a, b, clock, toB } = pair;
  a.publish("t", payloadOf(1, 131_000));
  clock.settle();
  a.publish("t", payloadOf(2, 131_100));
  clock.settle();
  a.publish("t", payloadOf(3));
  clock.settle();
  assert.deepEqual(b.seen, ["t:1", "gap t 1", "t:3"]);
  assert.equal(toB.sender.dropped, 1);
  assert.equal(toB.state, "open");
});

test("a stall begins after 5 s without progress, not at the first look", () => {
  const pair = blockedPair();
  const { a, clock, linkB, toB } = pair;
  const { sender } = toB;
  clock.advance(60_000);
  assert.equal(sender.checkStall(clock.nowMs(), 5000), false);
  clock.advance(4999);
  assert.equal(sender.checkStall(clock.nowMs(), 5000), false);
  clock.advance(1);
  assert.equal(sender.checkStall(clock.nowMs(), 5000), true);
  assert.equal(sender.checkStall(clock.nowMs(), 5000), false);
  assert.ok(sender.isStalled);
  linkB.resume();
  clock.settle();
  assert.equal(sender.checkStall(clock.nowMs(), 5000), false);
  assert.ok(!sender.isStalled);
  a.publish("t", payloadOf(1));
  clock.settle();
});

test("while it makes no progress a receiver loses patient runs too", () => {
  const pair = blockedPair({ dialer: { limits: queueLimits(1000) } });
  const { a, clock, toB } = pair;
  const { sender } = toB;
  sender.checkStall(clock.nowMs(), 10);
  clock.advance(10);
  assert.ok(sender.checkStall(clock.nowMs(), 10));
  for (let n = 0; n < 50; n++) {
    a.publish("t", payloadOf(n, 100), { isPatient: true });
    clock.settle();
  }
  assert.ok(sender.dropped > 30);
  assert.ok(sender.queue.chargedBytes < 2000);
});

test("interests and gaps arrive in order; refusals and credit too, before those", () => {
  const { a, b, clock, toA, toB } = sessionPair();
  toB.say.interest({ isAdded: true, pattern: "a/**", realm: "global", replay: 3 });
  toB.say.interest({ isAdded: false, pattern: "a/**", realm: "user", replay: 0 });
  clock.settle();
  toA.say.refusal({ verb: "subscribe", name: "a/**", error: new OmnibusError("denied", "no") });
  toA.say.gap(b.topic("x"), 7);
  toA.say.credit(b.topic("x"), "hold");
  clock.settle();
  assert.deepEqual(b.events.slice(1), ["wants a/** global 3", "unwants a/** user 0"]);
  assert.deepEqual(a.events.slice(1), ["refused subscribe a/** [denied] no", "hold x", "gap x 7"]);
});

test("credit and refusals overtake what waits for a neighbour that is slow to read", () => {
  for (const isMessageBased of [false, true]) {
    const { a, b, clock, linkB, toB } = blockedPair({ isMessageBased });
    let before: readonly string[] | undefined;
    b.onRun = (_session, { name }): void => {
      if (name === "t") before ??= [...b.events];
    };
    for (let n = 0; n < 5; n++) {
      a.publish("t", payloadOf(n, 40_000));
      // Once in the tick in which it is queued, once later.
      if (n === 2) toB.say.credit(a.topic("x"), "hold");
      clock.settle();
    }
    toB.say.credit(a.topic("x"), "go");
    clock.settle();
    linkB.resume();
    clock.settle();
    assert.deepEqual(before?.slice(-2), ["hold x", "go x"]);
    assert.equal(b.seen.length, 7);
    assert.equal(toB.sender.queue.chargedBytes, 0);
  }
});

test("what is queued after the end is forgotten, and pins no memory", () => {
  const pair = blockedPair();
  const { a, clock, linkA, toB } = pair;
  a.publish("t", payloadOf(1, 40_000));
  clock.settle();
  linkA.destroy();
  clock.settle();
  assert.equal(toB.state, "closed");
  a.publish("t", payloadOf(2, 40_000));
  toB.say.credit(a.topic("t"), "hold");
  clock.settle();
  assert.equal(toB.sender.queue.isEmpty, true);
  assertQuiet(pair);
});
