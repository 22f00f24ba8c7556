import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordingConversation } from "../../src/testing/index.ts";
import { broadcasts, JsonWorld, onlyError } from "./json-world.ts";

function publish(client: RecordingConversation, id: string, topic = "t"): void {
  client.say({ type: "publish", topic, payload: id, message_id: id, qos: 1 });
}

/** What came, as `id` or `id again`. */
function seen(client: RecordingConversation): string[] {
  return broadcasts(client).map((one) =>
    one.redelivered === true ? `${one.message_id} again` : one.message_id,
  );
}

test("[JSON-7.1] each subscriber acknowledges for itself", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("t", "ada");
  const bob = await world.subscriber("t", "bob");
  publish(ada, "m");
  ada.say({ type: "ack", message_id: "m" });
  world.clock.advance(5000);
  assert.deepEqual(seen(ada), ["m"]);
  assert.deepEqual(seen(bob), ["m", "m again"]);
  assert.equal(world.stats.resent, 1);
});

test("[JSON-7.2] the same message, flagged, after exactly 5 s and five times; then it is given up", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("t");
  publish(client, "m");
  const first = String(client.sent.at(-1));
  for (let n = 1; n <= 5; n++) {
    world.clock.advance(4999);
    assert.equal(client.sent.length, 1 + n);
    world.clock.advance(1);
    assert.equal(client.sent.length, 2 + n);
    assert.equal(client.sent.at(-1), `${first.slice(0, -1)},"redelivered":true}`);
  }
  world.clock.advance(5000);
  assert.equal(client.sent.length, 7);
  assert.deepEqual([world.stats.resent, world.stats.givenUp], [5, 1]);
  client.say({ type: "ack", message_id: "m" });
  client.take();
  assert.equal(world.clock.pendingTimers, 0);
});

test("[JSON-7.4] one id at two topics: ack with a topic, then without", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const topic of ["a", "b", "c d/"]) client.say({ type: "subscribe", topic });
  for (const topic of ["a", "b", "c d/"]) publish(client, "m", topic);
  client.take();
  client.say({ type: "ack", message_id: "m", topic: "c d/" });
  client.say({ type: "ack", message_id: "m" });
  world.clock.advance(5000);
  assert.deepEqual(
    broadcasts(client).map((one) => one.topic),
    ["b"],
  );
  client.say({ type: "ack", message_id: "m", topic: "a" });
  assert.equal(onlyError(client).code, "unknown-message");
  client.say({ type: "ack", message_id: "m", topic: "b" });
  assert.deepEqual(client.take(), []);
});

test("[JSON-7.4] one who receives nothing has nothing to acknowledge", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("t", "ada");
  const bob = await world.client("bob");
  publish(ada, "m");
  bob.say({ type: "ack", message_id: "m" });
  assert.equal(onlyError(bob).code, "unknown-message");
});

test("[JSON-7.5] the window: the next goes when one is acknowledged, and QoS 0 passes", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const client = await world.subscriber("t");
  for (const id of ["a", "b", "c"]) publish(client, id);
  client.say({ type: "publish", topic: "t", payload: 0, message_id: "zero" });
  assert.deepEqual(seen(client), ["a", "b", "zero"]);
  client.say({ type: "ack", message_id: "a" });
  assert.deepEqual(seen(client), ["c"]);
});

test("[JSON-7.5] what neither flies nor can wait is dropped, counted and told", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const client = await world.subscriber("t");
  for (const id of ["a", "b", "c", "d", "e", "f"]) publish(client, id);
  assert.equal(world.stats.dropped, 2);
  assert.deepEqual(seen(client), ["a", "b"]);
  client.say({ type: "ack", message_id: "a" });
  const [next] = broadcasts(client);
  assert.deepEqual([next?.message_id, next?.missed], ["c", 2]);
});

test("[JSON-7.7] who comes back gets again what it did not acknowledge, flagged", async () => {
  const world = new JsonWorld();
  const publisher = await world.client("bob");
  const ada = await world.subscriber("t", "ada");
  for (const id of ["a", "b", "c"]) publish(publisher, id);
  ada.say({ type: "ack", message_id: "b" });
  ada.end();
  publish(publisher, "d");
  const again = await world.subscriber("t", "ada");
  assert.deepEqual(seen(again), ["a again", "b", "c again", "d"]);
  for (const id of ["a", "b", "c", "d"]) again.say({ type: "ack", message_id: id });
  again.end();
  assert.deepEqual(seen(await world.subscriber("t", "ada")), ["a", "b", "c", "d"]);
});

test("[JSON-7.7] also what is older than the replay, as far as the history holds it", async () => {
  const world = new JsonWorld({ countPerTopic: 6 });
  const publisher = await world.client("bob");
  const ada = await world.subscriber("t", "ada");
  for (let n = 0; n < 8; n++) publish(publisher, `m${n}`);
  ada.say({ type: "ack", message_id: "m3" });
  ada.end();
  const again = await world.client("ada");
  again.say({ type: "subscribe", topic: "t", replay: 2 });
  assert.deepEqual(seen(again), ["m2 again", "m4 again", "m5 again", "m6 again", "m7 again"]);
});

test("[JSON-7.7] also with replay 0, also by a wildcard, but not for somebody else", async () => {
  const world = new JsonWorld();
  const publisher = await world.client("bob");
  const ada = await world.subscriber("x/a", "ada");
  publish(publisher, "m", "x/a");
  ada.end();
  const eve = await world.client("eve");
  eve.say({ type: "subscribe", topic: "x/a", replay: 0 });
  assert.deepEqual(seen(eve), []);
  const again = await world.client("ada");
  again.say({ type: "subscribe", topic: "x/*", replay: 0 });
  assert.deepEqual(seen(again), ["m again"]);
  world.clock.advance(5000);
  assert.deepEqual(seen(again), ["m again"]);
});

test("[JSON-7.7] what was given up comes again on resubscription", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("t", "ada");
  publish(ada, "m");
  world.clock.advance(30_000);
  ada.take();
  ada.say({ type: "unsubscribe", topic: "t" });
  ada.say({ type: "subscribe", topic: "t", replay: 0 });
  assert.deepEqual(seen(ada), ["m again"]);
});

test("what was given up never came again to who had a wildcard there, too [JSON-7.7]", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("chat/*", "ada");
  publish(ada, "m", "chat/general");
  world.clock.advance(30_000);
  publish(ada, "n", "chat/general");
  ada.take();
  ada.say({ type: "subscribe", topic: "chat/general" });
  assert.deepEqual(seen(ada), ["m again"]);
});

test("what was left was forgotten with a subscribe that the bus was too busy for [JSON-7.7]", async () => {
  const world = new JsonWorld();
  const publisher = await world.client("bob");
  const ada = await world.subscriber("t", "ada");
  for (const id of ["a", "b"]) publish(publisher, id);
  ada.end();
  const again = await world.client("ada");
  world.bus.busyAt = "t";
  again.say({ type: "subscribe", topic: "t", replay: 1 });
  assert.equal((again.take().at(-1) as { code?: string }).code, "busy");
  world.bus.busyAt = undefined;
  again.say({ type: "subscribe", topic: "t", replay: 1 });
  assert.deepEqual(seen(again), ["a again", "b again"]);
});

test("[JSON-7.8] a replay on the same connection does not double what is in flight", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("t/*", "ada");
  publish(ada, "m", "t/a");
  ada.say({ type: "subscribe", topic: "t/a", replay: 10 });
  assert.deepEqual(seen(ada), ["m"]);
  world.clock.advance(5000);
  assert.deepEqual(seen(ada), ["m again"]);
});

test("what another connection left was sent on top of what is in flight here [JSON-7.8]", async () => {
  const world = new JsonWorld();
  const first = await world.subscriber("t/a", "ada");
  const second = await world.subscriber("t/*", "ada");
  publish(first, "m", "t/a");
  first.end();
  assert.deepEqual(seen(second), ["m"]);
  second.say({ type: "subscribe", topic: "t/a", replay: 0 });
  assert.deepEqual(seen(second), []);
  world.clock.advance(5000);
  assert.deepEqual(seen(second), ["m again"]);
});

test("what a replay brings twice was in flight twice once there was room [JSON-7.8]", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const publisher = await world.client("bob");
  publisher.say({ type: "publish", topic: "t/a", payload: "x".repeat(110_000) });
  publish(publisher, "m", "t/a");
  const ada = await world.client("ada");
  ada.stopReading();
  ada.say({ type: "subscribe", topic: "t/*" });
  ada.say({ type: "subscribe", topic: "t/a", replay: 1 });
  ada.take();
  ada.read();
  assert.deepEqual(seen(ada), ["m"]);
});

test("of two messages with one id only one was replayed [JSON-7.8]", async () => {
  const world = new JsonWorld();
  const publisher = await world.subscriber("t", "bob");
  publish(publisher, "m");
  world.clock.advance(1);
  publish(publisher, "m");
  const ada = await world.subscriber("t", "ada");
  assert.deepEqual(seen(ada), ["m", "m"]);
});

test("[JSON-4.6] after unsubscribe nothing is sent again, unless another subscription wants it", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  for (const topic of ["t/a", "t/b", "t/*"]) ada.say({ type: "subscribe", topic });
  publish(ada, "m", "t/a");
  ada.say({ type: "unsubscribe", topic: "t/a" });
  ada.take();
  world.clock.advance(5000);
  assert.deepEqual(seen(ada), ["m again"]);
  ada.say({ type: "unsubscribe", topic: "t/*" });
  world.clock.advance(50_000);
  assert.deepEqual(seen(ada), []);
});

test("[JSON-7.8] one id published twice is two messages", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("t", "ada");
  publish(ada, "m");
  publish(ada, "m");
  ada.say({ type: "ack", message_id: "m" });
  world.clock.advance(5000);
  assert.deepEqual(seen(ada), ["m", "m", "m again"]);
});

test("[JSON-7.7] what may no longer be read is not sent again", async () => {
  const world = new JsonWorld();
  const publisher = await world.client("bob");
  const ada = await world.subscriber("x/*", "ada");
  publish(publisher, "m", "x/secret");
  publish(publisher, "n", "x/open");
  ada.end();
  world.bus.rule = (_principal, _verb, name) => name !== "x/secret";
  const again = await world.client("ada");
  again.say({ type: "subscribe", topic: "x/*", replay: 0 });
  assert.deepEqual(seen(again), ["n again"]);
});
