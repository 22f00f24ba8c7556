import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordingConversation } from "../../src/testing/index.ts";
import { broadcasts, JsonWorld } from "./json-world.ts";

/** Fills the history: `perTopic` QoS 1 messages of each of `topics` topics below `t/`. */
async function store(world: JsonWorld, topics: number, perTopic: number): Promise<string[]> {
  const publisher = await world.client("bob");
  const ids: string[] = [];
  for (let n = 0; n < topics * perTopic; n++) {
    const message_id = `m${n}`;
    publisher.say({ type: "publish", topic: `t/${n % topics}`, payload: n, qos: 1, message_id });
    ids.push(message_id);
  }
  return ids;
}

/** Acknowledges whatever comes until nothing does; returns the ids in order. */
function acknowledgeAll(client: RecordingConversation): string[] {
  const ids: string[] = [];
  for (let fresh = broadcasts(client); fresh.length > 0; fresh = broadcasts(client)) {
    for (const { message_id } of fresh) {
      ids.push(message_id);
      client.say({ type: "ack", message_id });
    }
  }
  return ids;
}

test("of a replay of more QoS 1 messages than may fly and wait the rest was dropped [JSON-8.7]", async () => {
  const world = new JsonWorld({ isAnonymousAllowed: true });
  const ids = await store(world, 300, 10);
  const client = world.connect();
  client.say({ type: "subscribe", topic: "t/**" });
  await world.settled();
  assert.deepEqual(acknowledgeAll(client), ids);
  assert.equal(world.stats.dropped, 0);
  world.clock.advance(5000);
  assert.equal(world.clock.pendingTimers, 0);
});

test("what is held up behind a replay keeps its order, and QoS 0 is not held up [JSON-7.5]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const ids = await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  world.bus.publish("t/0", "1", { qos: 1, id: "live" });
  world.bus.publish("t/0", "1", { qos: 0, id: "zero" });
  assert.deepEqual(acknowledgeAll(client), ["m0", "m1", "zero", ...ids.slice(2), "live"]);
  assert.equal(world.stats.dropped, 0);
});

test("live messages behind a replay that is held up are bounded, and told of [JSON-8.7]", async () => {
  const world = new JsonWorld({ maxInFlight: 2, maxQueueBytes: 100_000 });
  await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  const live = JSON.stringify("x".repeat(40_000));
  for (let n = 0; n < 4; n++) world.bus.publish("t/0", live, { qos: 1, id: `live${n}` });
  assert.equal(world.stats.dropped, 2);
  const [first] = broadcasts(client);
  client.say({ type: "ack", message_id: first?.message_id });
  assert.equal(broadcasts(client).at(-1)?.missed, 2);
  client.say({ type: "ack", message_id: "m1" });
  assert.deepEqual(acknowledgeAll(client).slice(-2), ["live0", "live1"]);
});

test("what is held up goes on when what flies is given up, and not after the end [JSON-7.2]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  await store(world, 2, 4);
  const client = await world.subscriber("t/*");
  world.clock.advance(30_000);
  const ids = new Set(broadcasts(client).map((one) => one.message_id));
  assert.deepEqual([...ids], ["m0", "m1", "m2", "m3"]);
  client.say({ type: "unsubscribe", topic: "t/*" });
  world.clock.advance(100_000);
  assert.deepEqual(broadcasts(client), []);
});

test("what was held up when a connection ended was never sent to who came back [JSON-7.7]", async () => {
  const world = new JsonWorld({ maxInFlight: 2 });
  const ids = await store(world, 2, 5);
  const client = await world.subscriber("t/*");
  client.end();
  const again = await world.client();
  again.say({ type: "subscribe", topic: "t/*", replay: 0 });
  assert.deepEqual(acknowledgeAll(again), ids);
});
