import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { FakeClock, RecordingReceiver } from "../testing/index.ts";
import { createMemoryLinks, type MemoryLinkOptions } from "./memory-link.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

function world(options: Partial<MemoryLinkOptions> = {}) {
  const clock = new FakeClock();
  const [a, b] = createMemoryLinks({ clock, ...options });
  const [atA, atB] = [new RecordingReceiver(a), new RecordingReceiver(b)];
  return { clock, a, b, atA, atB };
}

test("what is written arrives as one message, after the call, and was copied", () => {
  const { clock, a, atB } = world();
  const mine = bytes(1, 2);
  assert.equal(a.write([mine, bytes(3)]), true);
  mine.fill(9);
  assert.deepEqual(atB.events, []);
  clock.settle();
  assert.deepEqual(atB.pieces, [bytes(1, 2, 3)]);
});

test("both directions, what came before the other side opened, and the defaults", () => {
  const clock = new FakeClock();
  const [a, b] = createMemoryLinks({ clock });
  assert.equal(a.kind, "memory");
  assert.equal(a.realm, "process");
  assert.equal(a.remote, "memory");
  assert.ok(a.isMessageBased && a.isIntegrityProtected);
  const atA = new RecordingReceiver(a);
  a.write([bytes(1)]);
  clock.settle();
  const atB = new RecordingReceiver(b);
  b.write([bytes(2)]);
  clock.settle();
  assert.deepEqual(atB.bytes, bytes(1));
  assert.deepEqual(atA.bytes, bytes(2));
});

test("a stream shows what was not used again, followed by more", () => {
  const { clock, a, atB } = world({ isMessageBased: false });
  atB.use = (shown) => (shown.length < 3 ? 0 : 3);
  for (const value of [1, 2, 3, 4]) {
    a.write([bytes(value)]);
    clock.settle();
  }
  assert.deepEqual(atB.events, ["received 1", "received 2", "received 3", "received 1"]);
  assert.deepEqual(atB.bytes, bytes(1, 2, 3));
});

test("without room a write waits, keeps referring to its memory, and says when it is done", () => {
  const { clock, a, b, atA, atB } = world({ bufferBytes: 4 });
  b.pause();
  assert.equal(a.write([bytes(1, 2, 3, 4)]), true);
  const lent = bytes(5);
  assert.equal(a.write([lent]), false);
  assert.throws(() => a.write([lent]), TypeError);
  clock.settle();
  assert.deepEqual(atA.events, []);
  lent[0] = 6;
  b.resume();
  clock.settle();
  assert.deepEqual(atA.events, ["written"]);
  assert.deepEqual(atB.bytes, bytes(1, 2, 3, 4, 6));
  assert.equal(a.write([bytes(7)]), true);
});

test("close sends what was written, also what waits for room, then ends both sides once", () => {
  const { clock, a, b, atA, atB } = world({ bufferBytes: 1 });
  b.pause();
  a.write([bytes(1)]);
  assert.equal(a.write([bytes(2)]), false);
  a.close();
  a.close();
  clock.settle();
  assert.deepEqual(atB.events, []);
  b.resume();
  clock.settle();
  assert.deepEqual(atB.bytes, bytes(1, 2));
  assert.deepEqual(atA.events, ["written", "closed"]);
  assert.deepEqual(atB.events, ["received 1", "received 1", "closed"]);
  assert.equal(a.write([bytes(3)]), true);
  clock.settle();
  assert.equal(atA.error, undefined);
});

test("destroy ends this side at once and forgets what waited; what had left arrives", () => {
  const { clock, a, atA, atB } = world({ bufferBytes: 1 });
  a.write([bytes(1)]);
  a.write([bytes(2)]);
  a.destroy();
  a.destroy();
  assert.deepEqual(atA.events, []);
  clock.settle();
  assert.deepEqual(atA.events, ["closed"]);
  assert.deepEqual(atB.events, ["received 1", "closed"]);
});

test("a broken link tells both sides why, and delivers nothing more", () => {
  const { clock, a, atA, atB } = world();
  a.write([bytes(1)]);
  a.break(new OmnibusError("closed", "cut"));
  clock.settle();
  assert.deepEqual([atA.events, atB.events], [["closed"], ["closed"]]);
  assert.equal(atA.error?.message, "[closed] cut");
  assert.equal(atB.error?.message, "[closed] cut");
});

test("both sides may close at the same time", () => {
  const { clock, a, b, atA, atB } = world({ isMessageBased: false, realm: "user" });
  a.write([bytes(1)]);
  b.write([bytes(2)]);
  a.close();
  b.close();
  clock.settle();
  assert.deepEqual(atA.events, ["received 1", "closed"]);
  assert.deepEqual(atB.events, ["received 1", "closed"]);
  assert.equal(a.realm, "user");
});

test("a receiver that writes and closes from inside its calls is not called inside them", () => {
  const { clock, a, b, atA, atB } = world({ bufferBytes: 2 });
  atB.use = (shown) => {
    b.write([shown]);
    if (shown[0] === 3) b.close();
    return shown.length;
  };
  for (const value of [1, 2, 3]) {
    a.write([bytes(value)]);
    clock.settle();
  }
  assert.deepEqual(atA.bytes, bytes(1, 2, 3));
  assert.ok(atA.isClosed && atB.isClosed);
});
