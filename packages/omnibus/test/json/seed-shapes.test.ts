import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcasts, JsonWorld, payloads, uuid4 } from "./json-world.ts";

/** One test per row of the seed's protocol table: texts to the byte, in both of its forms. */

test("[JSON-3.2] login ok: login_response with a token; it does not authenticate", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say({ type: "login", username: "admin", password: "password" });
  await world.settled();
  assert.deepEqual(client.sent, [`{"type":"login_response","token":"admin"}`]);
  client.say({ type: "subscribe", topic: "chat" });
  assert.equal(client.closedWith?.reason, "not-authenticated");
});

test("[JSON-3.2] the token of a login authenticates", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say({ type: "login", username: "admin", password: "password" });
  await world.settled();
  const [reply] = client.take() as { token: string }[];
  client.say({ type: "auth", token: reply?.token });
  await world.settled();
  assert.equal(client.sent[1], `{"type":"authenticated","status":"authenticated"}`);
});

test("[JSON-3.3] login bad: invalid credentials, and the connection stays", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say({ type: "login", username: "admin", password: "wrong" });
  await world.settled();
  assert.deepEqual(client.sent, [
    `{"type":"error","message":"invalid credentials","error":"invalid credentials","code":"invalid-credentials"}`,
  ]);
  assert.ok(!client.isClosed);
  client.say({ type: "login", username: "admin", password: "password" });
  await world.settled();
  assert.equal(client.sent.length, 2);
});

test("[JSON-3.4] auth ok: type and status in one reply", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  assert.deepEqual(client.sent, [`{"type":"authenticated","status":"authenticated"}`]);
});

test("[JSON-3.4] auth bad: message and error in one reply, then the connection closes", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say({ type: "auth", token: "bad" });
  await world.settled();
  assert.deepEqual(client.sent, [
    `{"type":"error","message":"authentication failed","error":"authentication failed","code":"authentication-failed"}`,
  ]);
  assert.deepEqual(client.closedWith, {
    reason: "not-authenticated",
    text: "authentication failed",
  });
});

for (const command of [
  { type: "subscribe", topic: "chat" },
  { type: "unsubscribe", topic: "chat" },
  { type: "publish", topic: "chat", payload: "x" },
  { type: "ack", message_id: "x" },
  { type: "subscribe" },
  { type: "nonsense" },
]) {
  test(`[JSON-3.1] ${JSON.stringify(command)} before auth: must authenticate first, then it closes`, () => {
    const client = new JsonWorld().connect();
    client.say(command);
    assert.deepEqual(client.sent, [
      `{"type":"error","message":"must authenticate first","error":"must authenticate first","code":"must-authenticate"}`,
    ]);
    assert.deepEqual(client.closedWith, {
      reason: "not-authenticated",
      text: "must authenticate first",
    });
  });
}

test("[JSON-6.1] broadcast: five keys in the seed's order, no type, milliseconds", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  client.say({ type: "publish", topic: "chat", payload: "Hello world!", message_id: "m1" });
  assert.equal(
    client.sent.at(-1),
    `{"topic":"chat","payload":"Hello world!","timestamp":1689475200000,"message_id":"m1","qos":0}`,
  );
});

test("[JSON-6.1] broadcast of QoS 1", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("my_critical_topic");
  client.say({
    type: "publish",
    topic: "my_critical_topic",
    payload: "Important message!",
    message_id: "some_unique_message_id_123",
    qos: 1,
  });
  assert.equal(
    client.sent.at(-1),
    `{"topic":"my_critical_topic","payload":"Important message!","timestamp":1689475200000,"message_id":"some_unique_message_id_123","qos":1}`,
  );
});

test("[JSON-6.3] timestamps in seconds, as in the seed's sample, if configured", async () => {
  const world = new JsonWorld({ timestamps: "s" });
  const client = await world.subscriber("chat");
  client.say({ type: "publish", topic: "chat", payload: "x" });
  assert.equal(broadcasts(client)[0]?.timestamp, 1689475200);
});

test("[JSON-2.5] subscribe, publish, ack and unsubscribe that go well are not answered", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "subscribe", topic: "chat" });
  client.say({ type: "publish", topic: "other", payload: "x" });
  client.say({ type: "publish", topic: "chat", payload: "x", message_id: "m", qos: 1 });
  assert.equal(client.take().length, 1);
  client.say({ type: "ack", message_id: "m" });
  client.say({ type: "unsubscribe", topic: "chat" });
  client.say({ type: "unsubscribe", topic: "never subscribed" });
  await world.settled();
  assert.deepEqual(client.take(), []);
});

test("[JSON-2.2] bad JSON and unknown types are answered with an error, and the connection stays", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say("{");
  client.say({ type: "nonsense" });
  assert.deepEqual(
    (client.take() as { code: string }[]).map((one) => one.code),
    ["bad-json", "unknown-type"],
  );
  client.say({ type: "subscribe", topic: "chat" });
  client.say({ type: "publish", topic: "chat", payload: 1 });
  assert.deepEqual(payloads(client), [1]);
});

test("[JSON-2.7] a binary message is answered with an error, and the connection stays", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.sayBytes(new Uint8Array([1, 2]));
  assert.ok(!client.isClosed);
  assert.deepEqual(
    (client.take() as { code: string }[]).map((one) => one.code),
    ["not-text"],
  );
});

test("[JSON-5.3] an id is kept if given and not empty; else it is a UUID of version 4", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  client.say({ type: "publish", topic: "chat", payload: 1, message_id: "mine" });
  client.say({ type: "publish", topic: "chat", payload: 1, message_id: "" });
  client.say({ type: "publish", topic: "chat", payload: 1 });
  const ids = broadcasts(client).map((one) => one.message_id);
  assert.equal(ids[0], "mine");
  assert.match(ids[1] ?? "", uuid4);
  assert.match(ids[2] ?? "", uuid4);
  assert.notEqual(ids[1], ids[2]);
});

test("[JSON-5.4] the time is the server's, whatever the client says", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  world.clock.advance(1234);
  client.say({ type: "publish", topic: "chat", payload: 1, timestamp: 5 });
  assert.equal(broadcasts(client)[0]?.timestamp, 1_689_475_201_234);
});

test("[JSON-4.2] the publisher that subscribes receives its own; others receive it too", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("chat", "ada");
  const bob = await world.subscriber("chat", "bob");
  ada.say({ type: "publish", topic: "chat", payload: "Hello from Tab 1!" });
  assert.deepEqual(payloads(ada), ["Hello from Tab 1!"]);
  assert.deepEqual(payloads(bob), ["Hello from Tab 1!"]);
});

test("[JSON-8.4] a publish without subscribers is stored and replayed", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  for (const n of [1, 2, 3]) ada.say({ type: "publish", topic: "chat", payload: n });
  assert.deepEqual(ada.take(), []);
  assert.deepEqual(payloads(await world.subscriber("chat", "bob")), [1, 2, 3]);
});

test("[JSON-8.4] the seed's replay example: three messages, reconnect, three messages", async () => {
  const world = new JsonWorld();
  const a = await world.subscriber("chat", "ada");
  const b = await world.client("bob");
  for (const text of ["one", "two", "three"]) {
    b.say({ type: "publish", topic: "chat", payload: text });
    world.clock.advance(1000);
  }
  const live = broadcasts(a);
  a.end();
  const again = await world.subscriber("chat", "ada");
  assert.deepEqual(broadcasts(again), live, "with original id, time and qos");
});
