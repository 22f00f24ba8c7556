import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { BusNetwork } from "../testing/index.ts";
import type { Message } from "./message.ts";

test("a handler receives what is published to its topic, and nothing else", async () => {
  await using net = await BusNetwork.open();
  const got: unknown[] = [];
  net.server.subscribe("chat/general", (message) => got.push([message.topic, message.value]));
  assert.equal(net.server.publish("chat/general", { text: "hi" }), true);
  net.server.publish("chat/other", 1);
  assert.deepEqual(got, [["chat/general", { text: "hi" }]]);
});

test("the value itself is delivered in one process, unless strict copies and freezes it", async () => {
  await using net = await BusNetwork.open({ strict: false });
  await using strict = await BusNetwork.open({ strict: true });
  const value = { list: [1, 2] };
  let plain: unknown;
  let copy: { list: number[] } | undefined;
  net.server.subscribe("a", (message) => (plain = message.value));
  strict.server.subscribe<typeof value>("a", (message) => (copy = message.value));
  net.server.publish("a", value);
  strict.server.publish("a", value);
  assert.equal(plain, value);
  assert.notEqual(copy, value);
  assert.deepEqual(copy, value);
  assert.ok(Object.isFrozen(copy) && Object.isFrozen(copy?.list));
});

test("patterns receive what they match, each subscription once for each message", async () => {
  await using net = await BusNetwork.open();
  const got: string[] = [];
  net.server.subscribe("a/*", (message) => got.push(`star ${message.topic}`));
  net.server.subscribe("a/**", (message) => got.push(`rest ${message.topic}`));
  net.server.publish("a/b", 1);
  net.server.publish("a/b/c", 1);
  assert.deepEqual(got.toSorted(), ["rest a/b", "rest a/b/c", "star a/b"]);
});

test("one message object is shared by all subscriptions", async () => {
  await using net = await BusNetwork.open();
  const got: Message[] = [];
  net.server.subscribe("a", (message) => got.push(message));
  net.server.subscribe("**", (message) => got.push(message));
  net.server.publish("a", "x");
  assert.equal(got.length, 2);
  assert.equal(got[0], got[1]);
});

test("an iteration yields in order, and ends when the subscription is closed", async () => {
  await using net = await BusNetwork.open();
  const subscription = net.server.subscribe<number>("n");
  for (let n = 0; n < 5; n++) net.server.publish("n", n);
  const got: number[] = [];
  for await (const message of subscription) {
    got.push(message.value);
    if (message.value === 4) await subscription.close();
  }
  assert.deepEqual(got, [0, 1, 2, 3, 4]);
});

test("leaving the loop ends the subscription", async () => {
  await using net = await BusNetwork.open();
  const subscription = net.server.subscribe<number>("n");
  net.server.publish("n", 1);
  for await (const message of subscription) {
    assert.equal(message.value, 1);
    break;
  }
  net.server.publish("n", 2);
  assert.equal(net.server.stats.delivered, 1);
});

test("batches yield all that waits at once", async () => {
  await using net = await BusNetwork.open();
  const subscription = net.server.subscribe<number>("n");
  const batches = subscription.batches();
  for (let n = 0; n < 3; n++) net.server.publish("n", n);
  const first = await batches.next();
  assert.deepEqual(
    (first.value as Message<number>[]).map((message) => message.value),
    [0, 1, 2],
  );
});

test("an iteration that waits is woken by a message, by close and by the signal", async () => {
  await using net = await BusNetwork.open();
  const stop = new AbortController();
  const subscription = net.server.subscribe<number>("n", { signal: stop.signal });
  const iterator = subscription[Symbol.asyncIterator]();
  const first = iterator.next();
  net.server.publish("n", 7);
  assert.equal(((await first).value as Message<number>).value, 7);
  const second = iterator.next();
  stop.abort();
  assert.equal((await second).done, true);
  net.server.publish("n", 8);
  assert.equal((await iterator.next()).done, true);
});

test("a handler that throws is told as an error event, and the others still receive", async () => {
  await using net = await BusNetwork.open();
  const errors: Error[] = [];
  let got = 0;
  net.server.on("error", (error) => errors.push(error));
  net.server.subscribe("a", () => {
    throw new Error("of the user");
  });
  net.server.subscribe("a", () => got++);
  net.server.publish("a", 1);
  assert.equal(got, 1);
  assert.equal(errors[0]?.message, "of the user");
});

test("bad topics and closed buses are coded errors at the call", async () => {
  const net = await BusNetwork.open();
  for (const name of ["", "/a", "a//b", "a/*", " a", "a\u0000"]) {
    assert.throws(() => net.server.publish(name, 1), { code: "bad-topic" }, name);
  }
  assert.throws(() => net.server.subscribe("a/**/b"), { code: "bad-topic" });
  await net[Symbol.asyncDispose]();
  assert.throws(
    () => net.server.publish("a", 1),
    (error) => error instanceof OmnibusError && error.code === "closed",
  );
  assert.throws(() => net.server.subscribe("a"), { code: "closed" });
});

test("a publish that wants to be acknowledged rejects with no-log, and reaches nobody", async () => {
  await using net = await BusNetwork.open();
  const got: unknown[] = [];
  net.server.subscribe("a", ({ value }) => got.push(value));
  await assert.rejects(net.server.publish("a", 1, { qos: 1 }), { code: "no-log" });
  net.server.publish("a", 2, { qos: 0 });
  assert.deepEqual(got, [2]);
});

test("a value that cannot travel is refused with its place, in strict mode", async () => {
  await using net = await BusNetwork.open({ strict: true });
  const cycle: Record<string, unknown> = {};
  cycle["self"] = cycle;
  const bad: [unknown, RegExp][] = [
    [{ order: { onClick: () => 1 } }, /order\.onClick/u],
    [[1, Symbol("s")], /\[1\]/u],
    [cycle, /self/u],
    [new WeakMap(), /.*/u],
    [Promise.resolve(), /.*/u],
  ];
  for (const [value, place] of bad) {
    assert.throws(
      () => net.server.publish("a", value),
      (error) =>
        error instanceof OmnibusError && error.code === "bad-value" && place.test(error.message),
    );
  }
});
