import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcasts, JsonWorld, onlyError, payloads } from "./json-world.ts";

test("[JSON-1.1] [JSON-1.2] each text is one command, done before the next", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "publish", topic: "a", payload: 1 });
  client.say({ type: "subscribe", topic: "a" });
  client.say({ type: "publish", topic: "a", payload: 2 });
  client.say({ type: "unsubscribe", topic: "a" });
  client.say({ type: "publish", topic: "a", payload: 3 });
  client.say(`{"type":"publish","topic":"a","payload":4}{"type":"subscribe","topic":"a"}`);
  const [one, two, error, ...more] = client.take() as { payload?: number; code?: string }[];
  assert.deepEqual([one?.payload, two?.payload, error?.code, more], [1, 2, "bad-json", []]);
});

test("[JSON-2.4] null is missing, unknown fields are ignored, the last of a name counts", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "subscribe", topic: "a", replay: null, confirm: null, unknown: [1] });
  client.say(`{"type":"ack","type":"publish","topic":"b","topic":"a","payload":1,"qos":null}`);
  const [one] = broadcasts(client);
  assert.deepEqual([one?.topic, one?.payload, one?.qos], ["a", 1, 0]);
});

test("[JSON-2.6] a text of exactly 1 MiB is taken, one byte more is not, in bytes and not in letters", async () => {
  for (const letter of ["x", "é", "€", "😀"]) {
    const world = new JsonWorld();
    const client = await world.subscriber("a");
    const size = (text: string): number => new TextEncoder().encode(text).length;
    const frame = `{"type":"publish","topic":"a","payload":""}`;
    const room = 1024 * 1024 - size(frame);
    const payload = letter.repeat(Math.floor(room / size(letter)));
    const text = frame.replace(`""`, `"${payload}${"y".repeat(room - size(payload))}"`);
    assert.equal(size(text), 1024 * 1024);
    client.say(text);
    assert.equal(payloads(client).length, 1);
    client.say(` ${text}`);
    assert.equal(onlyError(client).code, "too-big");
    assert.equal(client.closedWith?.reason, "too-big");
  }
});

test("[JSON-5.1] a denied publish is answered each time, and reaches nobody", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("a");
  world.bus.rule = (_principal, verb) => verb !== "publish";
  for (let n = 0; n < 3; n++) {
    client.say({ type: "publish", topic: "a", payload: 1, confirm: true });
    assert.equal(onlyError(client).code, "denied");
  }
  assert.equal(world.stats.published, 0);
});

test("[JSON-9.3] a bus that is too busy or about to end is no fault of ours", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const view of world.bus.views) await view.close();
  client.say({ type: "subscribe", topic: "a" });
  assert.equal(onlyError(client).code, "busy");
  assert.deepEqual(world.reported, []);
});
