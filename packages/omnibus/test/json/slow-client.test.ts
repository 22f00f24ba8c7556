import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../src/testing/index.ts";
import { broadcasts, JsonWorld } from "./json-world.ts";

test("[JSON-6.5] over the limit live QoS 0 messages are dropped, counted, and told of", async () => {
  const world = new JsonWorld();
  const slow = await world.subscriber("t", "ada");
  const fast = await world.subscriber("t", "bob");
  slow.stopReading();
  const kilobyte = JSON.stringify("x".repeat(1022));
  for (let n = 0; n < 12_000; n++) world.bus.publish("t", kilobyte, { id: `m${n}` });
  assert.equal(broadcasts(fast).length, 12_000);
  const got = slow.take().length;
  assert.ok(slow.bufferedBytes > 1024 * 1024 && slow.bufferedBytes < 1024 * 1024 + 2048);
  assert.equal(world.stats.dropped, 12_000 - got);
  slow.read();
  world.bus.publish("t", "1");
  world.bus.publish("t", "2");
  const [first, second] = broadcasts(slow);
  assert.deepEqual([first?.payload, first?.missed], [1, 12_000 - got]);
  assert.deepEqual([second?.payload, second?.missed], [2, undefined]);
});

test("[JSON-6.5] what a dropped message told of an earlier loss was lost with it", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const slow = await world.subscriber("t", "ada");
  slow.stopReading();
  world.bus.publish("t", JSON.stringify("x".repeat(100_000)));
  world.bus.publish("t", "1", { missed: 5 });
  slow.take();
  slow.read();
  world.bus.publish("t", "2", { missed: 1 });
  assert.deepEqual(
    broadcasts(slow).map(({ payload, missed }) => [payload, missed]),
    [[2, 5 + 1 + 1]],
  );
});

test("[JSON-6.5] each subscription is told of its own loss", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const slow = await world.subscriber("a", "ada");
  slow.say({ type: "subscribe", topic: "b" });
  slow.stopReading();
  const big = JSON.stringify("x".repeat(100_000));
  world.bus.publish("a", big);
  for (let n = 0; n < 3; n++) world.bus.publish("a", "1");
  for (let n = 0; n < 5; n++) world.bus.publish("b", "1");
  slow.take();
  slow.read();
  world.bus.publish("b", "2");
  world.bus.publish("a", "2");
  assert.deepEqual(
    broadcasts(slow).map((one) => [one.topic, one.missed]),
    [
      ["b", 5],
      ["a", 3],
    ],
  );
  assert.equal(world.stats.dropped, 8);
});

test("[JSON-6.5] QoS 1 is not dropped for that: it waits, in order", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const slow = await world.subscriber("a", "ada");
  slow.stopReading();
  world.bus.publish("a", JSON.stringify("x".repeat(100_000)));
  slow.take();
  for (let n = 0; n < 3; n++) world.bus.publish("a", String(n), { qos: 1, id: `m${n}` });
  world.clock.advance(60_000);
  assert.deepEqual(slow.take(), []);
  slow.read();
  assert.deepEqual(
    broadcasts(slow).map((one) => one.payload),
    [0, 1, 2],
  );
  assert.equal(world.stats.dropped, 0);
});

test("[JSON-8.7] a replay larger than the queue waits for the reader; live messages come after it", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const ada = await world.client("ada");
  for (let n = 0; n < 10; n++) {
    ada.say({ type: "publish", topic: "t", payload: { n, x: "x".repeat(40_000) } });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  slow.say({ type: "subscribe", topic: "t" });
  world.bus.publish("t", `{"n":10}`);
  assert.ok(slow.bufferedBytes < 150_000);
  const order: number[] = [];
  for (let round = 0; round < 20; round++) {
    order.push(...broadcasts(slow).map((one) => (one.payload as { n: number }).n));
    slow.read();
  }
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(world.stats.dropped, 0);
});

test("a confirmation overtook the replay that it was to come after [JSON-2.5]", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  for (let n = 0; n < 10; n++) {
    ada.say({ type: "publish", topic: "t", payload: "x".repeat(300 * 1024) });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  slow.say({ type: "subscribe", topic: "t", confirm: true });
  await world.settled();
  for (let round = 0; round < 5; round++) slow.read();
  const got = slow.take() as { type?: string }[];
  assert.deepEqual(
    got.map(({ type }) => type ?? "message"),
    [...Array.from({ length: 10 }, () => "message"), "confirmed"],
  );
});

test("confirmations that wait behind a replay are bounded: then nothing more is read [JSON-9.4]", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const ada = await world.client("ada");
  for (let n = 0; n < 3; n++) {
    ada.say({ type: "publish", topic: "t", payload: "x".repeat(110_000) });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  let said = 0;
  while (!slow.isPaused && said < 10_000) {
    slow.say({ type: "subscribe", topic: "t", confirm: true });
    await world.settled();
    said++;
  }
  assert.ok(said < 2000, String(said));
  for (let round = 0; round < 5; round++) slow.read();
  const confirmed = slow.take().filter((one) => !("payload" in (one as object)));
  assert.equal(confirmed.length, said);
  assert.equal(slow.isPaused, false);
});

test("a confirmation behind a replay was lost with an unsubscribe [JSON-2.5]", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const ada = await world.client("ada");
  for (let n = 0; n < 3; n++) {
    ada.say({ type: "publish", topic: "t", payload: "x".repeat(110_000), qos: n === 2 ? 1 : 0 });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  slow.say({ type: "subscribe", topic: "t", confirm: true });
  await world.settled();
  slow.say({ type: "unsubscribe", topic: "t" });
  slow.take();
  slow.read();
  assert.deepEqual(slow.take(), [{ type: "confirmed", command: "subscribe", topic: "t" }]);
});

test("[JSON-8.7] live messages behind a replay are bounded; QoS 1 lost there comes on resubscription", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const ada = await world.client("ada");
  for (let n = 0; n < 10; n++) {
    ada.say({ type: "publish", topic: "t", payload: "x".repeat(90_000) });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  slow.say({ type: "subscribe", topic: "t" });
  const live = "y".repeat(30_000);
  for (let n = 0; n < 6; n++) {
    ada.say({ type: "publish", topic: "t", payload: live, qos: 1, message_id: `m${n}` });
  }
  assert.equal(world.stats.dropped, 3);
  slow.end();
  const again = await world.client("bob");
  again.say({ type: "subscribe", topic: "t", replay: 0 });
  const got: string[] = [];
  for (const id of ["m0", "m1", "m2", "m3", "m4", "m5"]) {
    for (const one of broadcasts(again)) got.push(`${one.message_id} ${one.redelivered}`);
    again.say({ type: "ack", message_id: id });
  }
  assert.deepEqual(got, ["m0 true", "m1 true", "m2 true", "m3 true", "m4 true", "m5 true"]);
});

test("whatever a client does, sent and dropped add up, in order, and nothing is sent after the end", async () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new SeededRandom(seed);
    const world = new JsonWorld({ maxQueueBytes: 5000 });
    const client = await world.subscriber("t");
    client.stopReading();
    let published = 0;
    const received: { n: number; missed: number }[] = [];
    const look = (): void => {
      for (const one of broadcasts(client)) {
        received.push({ n: (one.payload as { n: number }).n, missed: one.missed ?? 0 });
      }
    };
    for (let step = 0; step < 300; step++) {
      if (random.next() < 0.7) {
        const x = "x".repeat(random.integer(1500));
        world.bus.publish("t", JSON.stringify({ n: published++, x }));
      } else client.read(random.integer(40_000));
      look();
    }
    client.read();
    world.bus.publish("t", JSON.stringify({ n: published++ }));
    look();
    let next = 0;
    for (const { n, missed } of received) {
      next += missed;
      assert.equal(n, next++, `seed ${seed}`);
    }
    assert.equal(next, published, `seed ${seed}`);
    assert.equal(world.stats.dropped, published - received.length, `seed ${seed}`);
    client.end();
    world.bus.publish("t", "1");
  }
});

test("[JSON-6.5] exactly the limit may wait; one byte more and messages are dropped", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("t");
  client.bufferedBytes = 1024 * 1024;
  world.bus.publish("t", "1");
  client.bufferedBytes = 1024 * 1024 + 1;
  world.bus.publish("t", "2");
  assert.deepEqual(
    broadcasts(client).map((one) => one.payload),
    [1],
  );
});

test("[JSON-8.7] live messages that have left the line behind a replay make room for others", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const ada = await world.client("ada");
  for (let n = 0; n < 10; n++) {
    ada.say({ type: "publish", topic: "t", payload: "x".repeat(90_000) });
  }
  const slow = await world.client("bob");
  slow.stopReading();
  slow.say({ type: "subscribe", topic: "t" });
  slow.say({ type: "subscribe", topic: "u" });
  for (let n = 0; n < 3; n++) world.bus.publish("u", JSON.stringify("y".repeat(30_000)));
  for (let n = 0; n < 20; n++) slow.read();
  slow.take();
  slow.say({ type: "subscribe", topic: "v*/x" });
  slow.say({ type: "unsubscribe", topic: "t" });
  slow.say({ type: "subscribe", topic: "t" });
  for (let n = 0; n < 3; n++) world.bus.publish("u", JSON.stringify("z".repeat(30_000)));
  assert.equal(world.stats.dropped, 0);
});
