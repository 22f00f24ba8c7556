import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, SeededRandom } from "../../testing/index.ts";
import { type Acknowledgeable, Qos1, type Qos1Options } from "./qos1.ts";

interface Sent {
  readonly atMs: number;
  readonly id: string;
  readonly resends: number;
}

function make(limits: Partial<Qos1Options<Acknowledgeable>> = {}) {
  const clock = new FakeClock();
  const sent: Sent[] = [];
  const gaveUp: { atMs: number; id: string }[] = [];
  const room = { isOpen: true };
  const qos1 = new Qos1<Acknowledgeable>({
    clock,
    canSend: () => room.isOpen,
    send: (item, resends) => sent.push({ atMs: clock.nowMs(), id: item.id, resends }),
    gaveUp: (item) => gaveUp.push({ atMs: clock.nowMs(), id: item.id }),
    resendAfterMs: 5000,
    maxResends: 5,
    maxInFlight: 1024,
    maxBytes: 1_000_000,
    ...limits,
  });
  const offer = (id: string, topic = "t", byteLength = 1): boolean =>
    qos1.offer({ id, topic, byteLength });
  const ids = (): string[] => sent.map((one) => one.id);
  return { clock, sent, gaveUp, room, qos1, offer, ids };
}

test("[JSON-7.2] sent at once, again after exactly 5, 10, 15, 20 and 25 s, given up after 30 s", () => {
  const { clock, sent, gaveUp, offer } = make();
  clock.advance(7);
  offer("m");
  clock.advance(4999);
  assert.equal(sent.length, 1);
  clock.advance(1);
  assert.equal(sent.length, 2);
  clock.advance(24_999);
  assert.deepEqual(gaveUp, []);
  clock.advance(1);
  assert.deepEqual(
    sent,
    [0, 1, 2, 3, 4, 5].map((n) => ({ atMs: 7 + n * 5000, id: "m", resends: n })),
  );
  assert.deepEqual(gaveUp, [{ atMs: 30_007, id: "m" }]);
  clock.advance(100_000);
  assert.equal(sent.length, 6);
  assert.equal(clock.pendingTimers, 0);
});

test("[JSON-7.3] an acknowledgement ends the repetitions, one millisecond before the next", () => {
  const { clock, sent, gaveUp, qos1, offer } = make();
  offer("m");
  clock.advance(9999);
  assert.ok(qos1.acknowledge("m"));
  clock.advance(100_000);
  assert.equal(sent.length, 2);
  assert.deepEqual(gaveUp, []);
  assert.equal(clock.pendingTimers, 0);
});

test("each message has its own 5 s, also when an older one is acknowledged in between", () => {
  const { clock, sent, qos1, offer } = make();
  offer("a");
  clock.advance(1234);
  offer("b");
  qos1.acknowledge("a");
  clock.advance(4999);
  assert.equal(sent.length, 2);
  clock.advance(1);
  assert.deepEqual(sent.at(-1), { atMs: 6234, id: "b", resends: 1 });
});

test("[JSON-7.4] an ack without a topic settles the oldest with that id, one with a topic exactly that", () => {
  const { qos1, offer } = make();
  offer("m", "a");
  offer("m", "b");
  offer("m", "c");
  assert.ok(qos1.acknowledge("m", "b"));
  assert.ok(!qos1.acknowledge("m", "b"));
  assert.ok(qos1.has("a", "m"));
  assert.ok(qos1.acknowledge("m"));
  assert.ok(!qos1.has("a", "m"));
  assert.ok(qos1.has("c", "m"));
  assert.ok(qos1.acknowledge("m"));
  assert.ok(!qos1.acknowledge("m"));
  assert.ok(!qos1.acknowledge("other"));
});

test("an ack without a topic settled what was sent first, not what was sent last longest ago [JSON-7.4]", () => {
  const { clock, qos1, offer } = make();
  offer("m", "a");
  clock.advance(1000);
  offer("m", "b");
  clock.advance(4000);
  assert.ok(qos1.acknowledge("m"), "a was repeated at 5 s, b was last sent at 1 s");
  assert.ok(qos1.has("a", "m") && !qos1.has("b", "m"));
});

test("a repetition that was put off is no sending [JSON-7.4] [JSON-7.6]", () => {
  const { clock, qos1, offer, room } = make();
  offer("m", "a");
  clock.advance(1000);
  offer("m", "b");
  room.isOpen = false;
  clock.advance(4000);
  assert.ok(qos1.acknowledge("m"));
  assert.ok(qos1.has("b", "m") && !qos1.has("a", "m"));
});

test("[JSON-7.5] no more than the window are in flight; each ack lets the next one go, in order", () => {
  const { ids, qos1, offer } = make({ maxInFlight: 2 });
  for (const id of ["a", "b", "c", "d"]) assert.ok(offer(id));
  assert.equal(offer("e"), false, "as many wait as may be in flight");
  assert.deepEqual(ids(), ["a", "b"]);
  assert.ok(!qos1.acknowledge("c"), "what was not sent cannot be acknowledged");
  qos1.acknowledge("b");
  assert.deepEqual(ids(), ["a", "b", "c"]);
  qos1.acknowledge("a");
  qos1.acknowledge("c");
  assert.deepEqual(ids(), ["a", "b", "c", "d"]);
  assert.equal(qos1.waiting, 0);
});

test("[JSON-7.5] bytes count as messages do, but one message always fits", () => {
  const { ids, qos1, offer } = make({ maxBytes: 100 });
  offer("big", "t", 500);
  assert.ok(offer("b", "t", 500));
  assert.equal(offer("c", "t", 10), false);
  assert.deepEqual(ids(), ["big"]);
  qos1.acknowledge("big");
  assert.deepEqual(ids(), ["big", "b"]);
});

test("a given up message makes room for the next", () => {
  const { clock, sent, gaveUp, offer } = make({ maxInFlight: 1 });
  offer("a");
  offer("b");
  clock.advance(30_000);
  assert.equal(gaveUp.length, 1);
  assert.deepEqual(sent.at(-1), { atMs: 30_000, id: "b", resends: 0 });
});

test("[JSON-7.6] while the transport has no room, first sendings wait and repetitions do not count", () => {
  const { clock, sent, gaveUp, room, qos1, offer, ids } = make();
  offer("a");
  room.isOpen = false;
  offer("b");
  clock.advance(60_000);
  assert.deepEqual(ids(), ["a"]);
  assert.deepEqual(gaveUp, []);
  room.isOpen = true;
  qos1.resume();
  assert.deepEqual(ids(), ["a", "b"]);
  clock.advance(30_000);
  assert.equal(sent.filter((one) => one.id === "a").length, 6);
});

test("what is forgotten is not sent again", () => {
  const { clock, ids, qos1, offer } = make({ maxInFlight: 2 });
  offer("a", "x");
  offer("b", "y");
  offer("c", "x");
  offer("d", "y");
  qos1.forget((item) => item.topic === "x");
  assert.deepEqual(ids(), ["a", "b", "d"]);
  clock.advance(5000);
  assert.deepEqual(ids(), ["a", "b", "d", "b", "d"]);
});

test("closing gives back all that was not acknowledged and leaves no timer", () => {
  const { clock, qos1, offer } = make({ maxInFlight: 2 });
  for (const id of ["a", "b", "c"]) offer(id);
  qos1.acknowledge("a");
  const left = qos1.close();
  assert.deepEqual(
    left.map((item) => item.id),
    ["b", "c"],
  );
  assert.equal(clock.pendingTimers, 0);
});

test("over a transport that loses nothing but acks, each is acknowledged or given up, once", () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = new SeededRandom(seed);
    const acked = new Set<string>();
    const { clock, sent, gaveUp, room, qos1, offer } = make({ maxInFlight: 8, maxBytes: 40 });
    let taken = 0;
    for (let step = 0; step < 400; step++) {
      const action = random.integer(5);
      if (action === 0) clock.advance(random.integer(4000));
      else if (action === 1) {
        room.isOpen = random.next() < 0.7;
        if (room.isOpen) qos1.resume();
      } else if (action === 2 && sent.length > 0) {
        const { id } = random.pick(sent);
        if (qos1.acknowledge(id)) acked.add(id);
      } else if (offer(`m${taken}`, "t", random.integer(20))) taken++;
      assert.ok(qos1.inFlight <= 8 && qos1.waiting <= 8, `seed ${seed}`);
    }
    room.isOpen = true;
    qos1.resume();
    clock.advance(1_000_000);
    const gone = new Set(gaveUp.map((one) => one.id));
    assert.equal(gone.size, gaveUp.length, `seed ${seed}`);
    assert.equal(acked.size + gone.size, taken, `seed ${seed}`);
    for (const id of acked) assert.ok(!gone.has(id), `seed ${seed}`);
    const firsts = sent.filter((one) => one.resends === 0).map((one) => one.id);
    assert.deepEqual(
      firsts,
      Array.from({ length: taken }, (_, n) => `m${n}`),
      `seed ${seed}`,
    );
    assert.equal(clock.pendingTimers, 0, `seed ${seed}`);
  }
});

test("[JSON-7.5] what was acknowledged takes no room in the window", () => {
  const { ids, qos1, offer } = make({ maxBytes: 100 });
  offer("a", "t", 60);
  qos1.acknowledge("a");
  offer("b", "t", 50);
  offer("c", "t", 50);
  offer("d", "t", 1);
  assert.deepEqual(ids(), ["a", "b", "c"]);
});
