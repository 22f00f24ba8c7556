import assert from "node:assert/strict";
import { test } from "node:test";
import { fillPayload, isIntact, PayloadInspector, PayloadRing, sequenceOf } from "./payload.ts";

function payloadOf(size: number, sequence: number): Uint8Array {
  const payload = new Uint8Array(size);
  fillPayload(payload, sequence);
  return payload;
}

test("a payload carries its sequence number, also beyond 32 bits", () => {
  for (const sequence of [0, 1, 255, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32 + 5, 2 ** 50]) {
    assert.equal(sequenceOf(payloadOf(16, sequence)), sequence);
    assert.ok(isIntact(payloadOf(16, sequence), 16));
  }
});

test("a change of any byte is found", () => {
  const size = 64;
  for (let at = 0; at < size; at += 1) {
    const payload = payloadOf(size, 77);
    payload[at] = (payload[at] ?? 0) ^ 0x40;
    const isHighHalf = at >= 4 && at < 8;
    assert.equal(isIntact(payload, size), isHighHalf, `byte ${at}`);
    if (isHighHalf) assert.notEqual(sequenceOf(payload), 77);
  }
});

test("a payload put together from two others is found", () => {
  const torn = payloadOf(64, 5);
  torn.set(payloadOf(64, 6).subarray(32), 32);
  assert.equal(isIntact(torn, 64), false);
});

test("the inspector counts a payload of the wrong length as corrupted", () => {
  const inspector = new PayloadInspector(64);
  inspector.inspect(payloadOf(64, 0));
  inspector.inspect(payloadOf(63, 1));
  inspector.inspect(payloadOf(64, 2));
  assert.deepEqual(inspector.faults(3), ["1 corrupted"]);
});

test("the inspector finds a lasting corruption by its samples, and a loss by the numbers", () => {
  const inspector = new PayloadInspector(64);
  for (let sequence = 0; sequence < 200; sequence += 1) {
    const payload = payloadOf(64, sequence);
    payload[20] = 0;
    if (sequence !== 100) inspector.inspect(payload);
  }
  assert.deepEqual(inspector.faults(200), ["1 lost", "4 corrupted"]);
});

test("a ring that is written over before delivery is caught", () => {
  const ring = new PayloadRing(16, 2);
  const held = [ring.next(0), ring.next(1), ring.next(2)];
  const inspector = new PayloadInspector(16);
  for (const payload of held) inspector.inspect(payload);
  assert.deepEqual(inspector.faults(3), ["1 lost", "1 duplicated", "1 reordered"]);
});

test("a ring hands out intact payloads", () => {
  const ring = new PayloadRing(256, 4);
  const inspector = new PayloadInspector(256);
  for (let sequence = 0; sequence < 1000; sequence += 1) inspector.inspect(ring.next(sequence));
  assert.deepEqual(inspector.faults(1000), []);
});
