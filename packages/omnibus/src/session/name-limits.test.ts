import assert from "node:assert/strict";
import { test } from "node:test";
import { sessionPair } from "../testing/index.ts";

const payload = Uint8Array.of(1);
/** Each costs 100: 64 and its 36 characters. */
const topic = (n: number): string => `${"x".repeat(32)}/${String(n).padStart(3, "0")}`;

test("[WIRE-7.4] a neighbour whose names take more than they may is ended with too-many", () => {
  const { a, b, clock, toA, toB } = sessionPair({ accepter: { maxNameBytes: 1000 } });
  for (let n = 0; n < 10; n++) a.publish(topic(n), payload);
  clock.settle();
  assert.equal(b.arrived.length, 10);
  assert.equal(toA.names.usedBytes, 1000);
  a.publish("x", payload);
  clock.settle();
  assert.equal(toB.state, "closed");
  assert.match(a.events.at(-1) ?? "", /^closed \[too-many\] names that take more than 1000 bytes/);
});

test("[WIRE-7.4] a number that is given to another name frees what the old one took", () => {
  const options = { accepter: { maxNameBytes: 1000 }, maxAddresses: 10 };
  const { a, b, clock, toA } = sessionPair(options);
  for (let n = 0; n < 200; n++) {
    a.publish(topic(n), payload);
    clock.settle();
  }
  assert.equal(b.arrived.length, 200);
  assert.equal(toA.state, "open");
  assert.equal(toA.names.usedBytes, 1000);
});

test("who dialled trusts the other side with its memory", () => {
  const { b, clock, toB } = sessionPair({ accepter: { maxNameBytes: 100 } });
  for (let n = 0; n < 50; n++) b.publish(topic(n), payload);
  clock.settle();
  assert.equal(toB.state, "open");
});
