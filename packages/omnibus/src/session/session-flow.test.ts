import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import {
  joinBytes,
  RunLog,
  SeededRandom,
  sessionPair,
  type SessionPair,
  type SessionPairOptions,
} from "../testing/index.ts";
import type { Address } from "../wire/index.ts";
import { queueLimits } from "./send-queue.ts";

/** A payload of so many bytes, all of that value. */
const payload = (value: number, bytes = 1): Uint8Array => new Uint8Array(bytes).fill(value);

/** A pair in which `b` does not read, so that `a`'s link is full at once. */
function blocked(options: SessionPairOptions = {}): SessionPair {
  const pair = sessionPair({ bufferBytes: 1, ...options });
  pair.linkB.pause();
  // The first is taken; the second waits for room.
  for (let n = 0; n < 2; n++) {
    pair.a.publish("filler", payload(0));
    pair.clock.settle();
  }
  assert.ok(pair.toB.sender.queue.isBlocked);
  return pair;
}

function isQuiet({ a, toB }: SessionPair): void {
  assert.equal(toB.sender.queue.chargedBytes, 0);
  assert.equal(toB.sender.queue.answerBytes, 0);
  // The spool and the slab that frames are encoded in.
  assert.equal(a.pool.lent, 2);
  assert.equal(a.pool.returnedTwice, 0);
}

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
    for (const topic of ["x", "y"]) a.publish(topic, payload(round));
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
    a.publish(topic, payload(n % 256));
    sent.push(`${topic}:${n % 256}`);
    if (random.integer(3) === 0) clock.settle();
    else a.outbox.flush();
  }
  clock.settle();
  assert.deepEqual(b.seen, sent);
  assert.ok(a.book.size <= 8);
  isQuiet(pair);
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
    a.publish(topic, payload(n % 256), { mayJoin });
    before = sender.knows(address) ? address : undefined;
    sent.push(`${topic}:${n % 256}`);
    if (++inTick === 7 || random.integer(6) === 0) {
      clock.settle();
      inTick = 0;
    }
  }
  clock.settle();
  assert.deepEqual(b.seen, sent);
  isQuiet(pair);
});

test("a number that a queued run names was given to another address", () => {
  const pair = blocked({ maxAddresses: 8 });
  const { a, b, clock, linkB } = pair;
  const sent = ["filler:0", "filler:0"];
  for (let n = 0; n < 7; n++) {
    a.publish(`t/${n}`, payload(n));
    sent.push(`t/${n}:${n}`);
    clock.settle();
  }
  assert.throws(() => a.publish("one/more", payload(9)), /\[too-many\]/);
  linkB.resume();
  clock.settle();
  a.publish("one/more", payload(9));
  clock.settle();
  assert.deepEqual(b.seen, [...sent, "one/more:9"]);
  isQuiet(pair);
});

test("a receiver whose own numbers ran out handed messages to the wrong topic", () => {
  const pair = sessionPair();
  const few = sessionPair({ maxAddresses: 4 });
  assert.ok(pair);
  const { a, b, clock } = few;
  // `b` numbers what `a` tells it; `a` publishes few topics, `b` uses up its own numbers in between.
  a.publish("t/1", payload(1));
  clock.settle();
  for (let n = 0; n < 4; n++) {
    b.topic(`own/${n}`);
    b.outbox.flush();
  }
  a.publish("t/1", payload(2));
  clock.settle();
  assert.deepEqual(b.seen, ["t/1:1", "t/1:2"]);
  assert.equal(b.arrived[1]?.topic, "t/1");
});

test("drops are counted exactly, and told before the next message of that topic", () => {
  const limits = queueLimits(4000);
  const pair = blocked({ dialer: { limits } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 100; n++) {
    a.publish(n % 2 === 0 ? "even" : "odd", payload(n, 100));
    clock.settle();
  }
  const { dropped, queue } = toB.sender;
  assert.ok(dropped > 50 && dropped < 100);
  assert.ok(queue.chargedBytes <= limits.maxBytes + 512);
  linkB.resume();
  clock.settle();
  const before = b.arrived.length - 2;
  assert.equal(before, 100 - dropped);
  a.publish("odd", payload(200));
  a.publish("even", payload(201));
  a.publish("odd", payload(202));
  clock.settle();
  const gaps = b.events.filter((event) => event.startsWith("gap"));
  const count = (topic: string): number =>
    Number(gaps.find((gap) => gap.includes(topic))?.split(" ")[2]);
  assert.equal(count("odd") + count("even"), dropped);
  assert.deepEqual(b.seen.slice(2 + before), [gaps[0], "odd:200", gaps[1], "even:201", "odd:202"]);
  isQuiet(pair);
});

test("drops of runs with many messages count the messages", () => {
  const pair = blocked({ dialer: { limits: queueLimits(2000) } });
  const { a, b, clock, linkB, toB } = pair;
  for (let run = 0; run < 10; run++) {
    for (let n = 0; n < 50; n++) a.publish("t", payload(n, 10));
    clock.settle();
  }
  assert.equal(toB.sender.dropped % 50, 0);
  linkB.resume();
  clock.settle();
  a.publish("t", payload(99));
  clock.settle();
  const arrived = b.arrived.filter(({ payload: bytes }) => bytes.length > 0).length - 3;
  assert.deepEqual(b.events.slice(1), [`gap t ${toB.sender.dropped}`]);
  assert.equal(arrived + toB.sender.dropped, 500);
});

test("a gap of a topic whose number went to another topic was told of the other", () => {
  const pair = blocked({ dialer: { limits: queueLimits(1000) }, maxAddresses: 3 });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 20; n++) a.publish("lost", payload(n, 100));
  clock.settle();
  a.publish("lost", payload(77, 2000));
  clock.settle();
  assert.ok(toB.sender.dropped > 0);
  linkB.resume();
  clock.settle();
  a.outbox.flush();
  for (const topic of ["x", "y", "z"]) {
    a.publish(topic, payload(1));
    clock.settle();
  }
  const gaps = b.events.filter((event) => event.startsWith("gap"));
  assert.deepEqual(gaps, [`gap lost ${toB.sender.dropped}`]);
});

test("two claims of a large loss added up to a number that the next neighbour could not read", () => {
  const { a, b, clock, toB } = sessionPair();
  const topic = a.topic("t");
  for (let n = 0; n < 2; n++) toB.sender.noteMissed(topic, Number.MAX_SAFE_INTEGER);
  a.publish("t", payload(1));
  clock.settle();
  assert.deepEqual(b.seen, [`gap t ${Number.MAX_SAFE_INTEGER}`, "t:1"]);
});

test("patient runs are not dropped by a full queue, and the node is told to stop reading", () => {
  const pair = blocked({ dialer: { limits: queueLimits(2000) } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 100; n++) {
    a.publish("t", payload(n, 100), { isPatient: true });
    clock.settle();
  }
  assert.equal(toB.sender.dropped, 0);
  assert.ok(toB.sender.isOver && toB.sender.isHigh(a.topic("t")));
  linkB.resume();
  clock.settle();
  assert.equal(b.seen.length, 102);
  assert.ok(!toB.sender.isOver && !toB.sender.isHigh(a.topic("t")));
  assert.deepEqual(a.events.slice(1), ["low"]);
  isQuiet(pair);
});

test("`low` is told once, when the queue falls below its low mark", () => {
  const pair = blocked({
    dialer: { limits: { maxBytes: 10_000, highBytes: 1000, lowBytes: 500 } },
  });
  const { a, clock, linkB, toB } = pair;
  for (let n = 0; n < 6; n++) a.publish("t", payload(n, 100));
  clock.settle();
  for (let n = 0; n < 6; n++) a.publish("t", payload(n, 100));
  clock.settle();
  assert.ok(toB.sender.queue.isHigh);
  linkB.resume();
  clock.settle();
  assert.ok(!toB.sender.queue.isHigh);
  assert.equal(a.events.filter((event) => event === "low").length, 1);
  isQuiet(pair);
});

test("one message that is larger than the whole queue was always dropped", () => {
  const pair = sessionPair({ dialer: { limits: queueLimits(1000) } });
  const { a, b, clock, toB } = pair;
  a.publish("t", payload(1, 5000));
  clock.settle();
  a.publish("t", payload(2, 100_000));
  clock.settle();
  assert.deepEqual(b.seen, ["t:1", "t:2"]);
  assert.equal(toB.sender.dropped, 0);
  isQuiet(pair);
});

test("a run that the neighbour would refuse as too big is dropped here, and counted", () => {
  const pair = sessionPair({ accepter: { hello: { maxFrameBytes: 131_072 } } });
  const { a, b, clock, toB } = pair;
  a.publish("t", payload(1, 131_000));
  clock.settle();
  a.publish("t", payload(2, 131_100));
  clock.settle();
  a.publish("t", payload(3));
  clock.settle();
  assert.deepEqual(b.seen, ["t:1", "gap t 1", "t:3"]);
  assert.equal(toB.sender.dropped, 1);
  assert.equal(toB.state, "open");
});

test("an address that is held back waits alone, and goes on in order [WIRE-10.1]", () => {
  const pair = sessionPair();
  const { a, b, clock, toA, toB } = pair;
  a.publish("slow", payload(1));
  a.publish("fast", payload(1));
  clock.settle();
  toA.say.credit(b.topic("slow"), "hold");
  clock.settle();
  assert.deepEqual(a.events.slice(1), ["hold slow"]);
  assert.ok(toB.sender.isHigh(a.topic("slow")) && !toB.sender.isHigh(a.topic("fast")));
  for (let n = 2; n < 5; n++) {
    a.publish("slow", payload(n));
    a.publish("fast", payload(n));
    if (n === 3) clock.settle();
  }
  clock.settle();
  assert.deepEqual(b.seen, ["slow:1", "fast:1", "fast:2", "fast:3", "fast:4"]);
  toA.say.credit(b.topic("slow"), "go");
  clock.settle();
  a.publish("slow", payload(5));
  clock.settle();
  assert.deepEqual(b.seen.slice(5), ["slow:2", "slow:3", "slow:4", "slow:5"]);
  isQuiet(pair);
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
  a.publish("pad", payload(7, 30_000), { to: [second] });
  a.publish("pad2", payload(7, pad - 30_000 - 2100), { to: [second] });
  a.publish("t", payload(5, 60), { to: [toB, second] });
  clock.settle();
  toA.say.credit(b.topic("t"), "go");
  clock.settle();
  assert.deepEqual(
    b.events.filter((event) => event.startsWith("damaged")),
    [],
  );
  assert.deepEqual(b.seen, ["pad:7", "pad2:7", "t:5", "t:5"]);
  isQuiet(pair);
});

test("what a held address lost is told before what waited behind it", () => {
  const limits = queueLimits(2000);
  const pair = blocked({ dialer: { limits } });
  const { a, b, clock, linkB, toB } = pair;
  for (let n = 0; n < 30; n++) {
    a.publish("t", payload(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  linkB.resume();
  clock.settle();
  toB.sender.hold(a.topic("t"));
  a.publish("t", payload(200));
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
    a.publish("held", payload(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  const kept = 20 - lost;
  // It still fits behind those that do not.
  a.publish("held", payload(99));
  clock.settle();
  assert.equal(toB.sender.dropped, lost);
  toB.sender.letGo(a.topic("held"));
  clock.settle();
  assert.ok(kept > 1 && lost > 1);
  assert.deepEqual(b.seen.slice(-3), [`held:${kept}`, `gap held ${lost}`, "held:99"]);
  assert.equal(b.seen.filter((one) => one.startsWith("gap")).length, 1);
  isQuiet(pair);
});

test("one held address filled the whole queue, and the others were dropped", () => {
  const pair = sessionPair({ dialer: { limits: queueLimits(10_000) } });
  const { a, b, clock, toB } = pair;
  toB.sender.hold(a.topic("held"));
  for (let n = 0; n < 200; n++) {
    a.publish("held", payload(n, 100));
    clock.settle();
  }
  const lost = toB.sender.dropped;
  assert.ok(lost > 100 && lost < 200);
  for (let n = 0; n < 30; n++) a.publish("free", payload(n, 100));
  clock.settle();
  assert.equal(toB.sender.dropped, lost);
  assert.equal(b.seen.length, 30);
  toB.sender.letGo(a.topic("held"));
  a.publish("held", payload(250));
  clock.settle();
  assert.equal(b.arrived.filter(({ topic }) => topic === "held").length, 201 - lost);
  assert.deepEqual(b.seen.slice(-2), [`gap held ${lost}`, "held:250"]);
  isQuiet(pair);
});

test("a held run named a number that went to another address meanwhile", () => {
  const pair = sessionPair({ maxAddresses: 4 });
  const { a, b, clock, toB } = pair;
  toB.sender.hold(a.topic("held"));
  a.publish("held", payload(1));
  clock.settle();
  for (let n = 0; n < 12; n++) {
    a.publish(`t/${n}`, payload(n));
    clock.settle();
  }
  a.publish("held", payload(2));
  clock.settle();
  toB.sender.letGo(a.topic("held"));
  clock.settle();
  assert.deepEqual(
    b.seen.filter((one) => one.startsWith("held")),
    ["held:1", "held:2"],
  );
  assert.equal(b.seen.length, 14);
  isQuiet(pair);
});

test("a neighbour that holds back more than 10,000 topics is ended", () => {
  const { a, b, clock, toA, toB } = sessionPair();
  for (let n = 0; n <= 10_000; n++) toA.say.credit(b.topic(`t/${n}`), "hold");
  clock.settle();
  assert.equal(toB.state, "closed");
  assert.match(a.events.at(-1) ?? "", /^closed \[too-many\]/);
});

test("a stall begins after 5 s without progress, not at the first look", () => {
  const pair = blocked();
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
  a.publish("t", payload(1));
  clock.settle();
});

test("while it makes no progress a receiver loses patient runs too", () => {
  const pair = blocked({ dialer: { limits: queueLimits(1000) } });
  const { a, clock, toB } = pair;
  const { sender } = toB;
  sender.checkStall(clock.nowMs(), 10);
  clock.advance(10);
  assert.ok(sender.checkStall(clock.nowMs(), 10));
  for (let n = 0; n < 50; n++) {
    a.publish("t", payload(n, 100), { isPatient: true });
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
    const { a, b, clock, linkB, toB } = blocked({ isMessageBased });
    let before: readonly string[] | undefined;
    b.onRun = (_session, { name }): void => {
      if (name === "t") before ??= [...b.events];
    };
    for (let n = 0; n < 5; n++) {
      a.publish("t", payload(n, 40_000));
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
  const pair = blocked();
  const { a, clock, linkA, toB } = pair;
  a.publish("t", payload(1, 40_000));
  clock.settle();
  linkA.destroy();
  clock.settle();
  assert.equal(toB.state, "closed");
  a.publish("t", payload(2, 40_000));
  toB.say.credit(a.topic("t"), "hold");
  clock.settle();
  assert.equal(toB.sender.queue.isEmpty, true);
  isQuiet(pair);
});
