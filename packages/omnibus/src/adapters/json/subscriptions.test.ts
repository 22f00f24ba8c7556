import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonSubscription } from "./subscriptions.ts";
import { broadcasts, JsonWorld } from "../../../test/json/json-world.ts";

test("each message was matched by each wildcard for each that it matches [JSON-4.4]", async (t) => {
  const world = new JsonWorld();
  const client = await world.client();
  for (let n = 0; n < 40; n++) client.say({ type: "subscribe", topic: `*/${n}/no` });
  for (const topic of ["*/*/*", "*/**", "a/**", "a/*/*"]) client.say({ type: "subscribe", topic });
  const matches = t.mock.method(JsonSubscription.prototype, "matches");
  world.bus.publish("a/b/c", "1");
  assert.equal(broadcasts(client).length, 1);
  assert.ok(matches.mock.callCount() <= 44, String(matches.mock.callCount()));
});

test("each message of a replay was matched by each wildcard, not each topic [JSON-4.5]", async (t) => {
  const world = new JsonWorld();
  const client = await world.client();
  for (let n = 0; n < 40; n++) client.say({ type: "subscribe", topic: `*/${n}/no` });
  client.say({ type: "subscribe", topic: "*/0/*" });
  for (let n = 0; n < 30; n++) {
    client.say({ type: "publish", topic: `a/${n % 3}/yes`, payload: n });
  }
  assert.equal(broadcasts(client).length, 10);
  const matches = t.mock.method(JsonSubscription.prototype, "matches");
  client.say({ type: "subscribe", topic: "a/**" });
  assert.equal(broadcasts(client).length, 20);
  assert.ok(matches.mock.callCount() <= 3 * 42, String(matches.mock.callCount()));
});

test("what was found for a topic is not kept when subscriptions change [JSON-4.4]", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  const topics = (): number => broadcasts(client).length;
  client.say({ type: "subscribe", topic: "b/*" });
  client.say({ type: "subscribe", topic: "a/*" });
  const steps: [type: string, topic: string, received: number][] = [
    ["subscribe", "*/b", 1],
    ["subscribe", "a/b", 1],
    ["unsubscribe", "a/*", 1],
    ["unsubscribe", "a/b", 1],
    ["unsubscribe", "*/b", 0],
    ["subscribe", "a/**", 1],
  ];
  for (const [type, topic, received] of steps) {
    client.say({ type, topic, ...(type === "subscribe" ? { replay: 0 } : {}) });
    world.bus.publish("a/b", "1");
    assert.equal(topics(), received, `${type} ${topic}`);
  }
});
