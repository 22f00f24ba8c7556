import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcasts, JsonWorld, onlyError, payloads } from "./json-world.ts";

test("[JSON-4.3] a duplicate subscription neither doubles delivery nor replays", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  client.say({ type: "publish", topic: "chat", payload: 1 });
  client.say({ type: "subscribe", topic: "chat" });
  client.say({ type: "subscribe", topic: "chat", replay: 10 });
  client.say({ type: "publish", topic: "chat", payload: 2 });
  assert.deepEqual(payloads(client), [1, 2]);
});

test("[JSON-4.4] who is subscribed exactly and by wildcards receives once", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const topic of ["chat/**", "chat/a", "chat/*", "**"])
    client.say({ type: "subscribe", topic });
  client.say({ type: "publish", topic: "chat/a", payload: 1 });
  client.say({ type: "publish", topic: "chat/b", payload: 2 });
  client.say({ type: "publish", topic: "other", payload: 3 });
  assert.deepEqual(payloads(client), [1, 2, 3]);
  for (const topic of ["chat/a", "chat/**"]) client.say({ type: "unsubscribe", topic });
  client.say({ type: "publish", topic: "chat/a", payload: 4 });
  assert.deepEqual(payloads(client), [4]);
  for (const topic of ["chat/*", "**"]) client.say({ type: "unsubscribe", topic });
  client.say({ type: "publish", topic: "chat/a", payload: 5 });
  assert.deepEqual(payloads(client), []);
  assert.equal(world.bus.subscribers.size, 0);
});

test("[JSON-8.5] a wildcard replays the last of each topic that matches, in time order", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  for (let n = 0; n < 24; n++) {
    ada.say({ type: "publish", topic: `chat/${n % 2}`, payload: n });
    world.clock.advance(1);
  }
  const all = payloads(await world.subscriber("chat/*", "bob"));
  assert.deepEqual(
    all,
    Array.from({ length: 20 }, (_, n) => n + 4),
  );
});

test("[JSON-8.6] replay: N gives the last N, 0 gives none; more than there are gives all", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  for (let n = 0; n < 5; n++) ada.say({ type: "publish", topic: "chat", payload: n });
  for (const [replay, expected] of [
    [0, []],
    [2, [3, 4]],
    [1_000_000, [0, 1, 2, 3, 4]],
  ] as const) {
    const client = await world.client("bob");
    client.say({ type: "subscribe", topic: "chat", replay });
    assert.deepEqual(payloads(client), expected);
  }
});

test("[JSON-4.5] what another subscription covers is replayed only to who asks for it", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat/*");
  client.say({ type: "publish", topic: "chat/a", payload: 1 });
  client.say({ type: "subscribe", topic: "chat/a" });
  assert.deepEqual(payloads(client), [1]);
  client.say({ type: "unsubscribe", topic: "chat/a" });
  client.say({ type: "subscribe", topic: "chat/a", replay: 1 });
  assert.deepEqual(payloads(client), [1]);
});

test("[JSON-8.2] what is older than the time to live is not replayed", async () => {
  const world = new JsonWorld();
  const ada = await world.client("ada");
  ada.say({ type: "publish", topic: "chat", payload: 1 });
  world.clock.advance(3_599_999);
  ada.say({ type: "publish", topic: "chat", payload: 2 });
  world.clock.advance(1);
  assert.deepEqual(payloads(await world.subscriber("chat", "bob")), [2]);
});

test("[JSON-8.1] topics that only programs use are not stored, until a JSON client names them", async () => {
  const world = new JsonWorld();
  world.bus.publish("native", "1");
  const first = await world.subscriber("native");
  assert.deepEqual(payloads(first), []);
  world.bus.publish("native", "2");
  assert.deepEqual(payloads(await world.subscriber("native", "bob")), [2]);
  await world.subscriber("other/*");
  assert.equal(world.bus.history.covers("other/x"), false, "a wildcard names no topic");
});

test("[JSON-8.1] a denied client covers nothing", async () => {
  const world = new JsonWorld();
  world.bus.rule = () => false;
  const client = await world.client();
  client.say({ type: "publish", topic: "a", payload: 1 });
  client.say({ type: "subscribe", topic: "b" });
  assert.equal(world.bus.history.topics, 0);
  assert.deepEqual(
    (client.take() as { code: string }[]).map((one) => one.code),
    ["denied", "denied"],
  );
});

test("[JSON-2.5] confirm: each command is answered when it is done", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "subscribe", topic: "chat room", confirm: true });
  await world.settled();
  assert.deepEqual(client.sent.slice(1), [
    `{"type":"confirmed","command":"subscribe","topic":"chat room"}`,
  ]);
  client.take();
  client.say({
    type: "publish",
    topic: "chat room",
    payload: 1,
    qos: 1,
    message_id: "m",
    confirm: true,
  });
  client.say({ type: "ack", message_id: "m", confirm: true });
  client.say({ type: "subscribe", topic: "chat room", confirm: true });
  await world.settled();
  client.say({ type: "unsubscribe", topic: "chat room", confirm: true });
  assert.deepEqual(
    client.take().filter((one) => (one as { type?: string }).type === "confirmed"),
    [
      { type: "confirmed", command: "publish", topic: "chat room", message_id: "m" },
      { type: "confirmed", command: "ack", message_id: "m" },
      { type: "confirmed", command: "subscribe", topic: "chat room" },
      { type: "confirmed", command: "unsubscribe", topic: "chat room" },
    ],
  );
});

test("a subscribe that another server refused was never answered, and done for good [JSON-4.1] [JSON-9.5]", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const confirm of [true, false]) {
    world.bus.refusedAt = "a";
    client.say({ type: "subscribe", topic: "a", confirm });
    await world.settled();
    const [error, ...more] = client.take() as { code?: string; topic?: string }[];
    assert.deepEqual([error?.code, error?.topic, more], ["denied", "a", []]);
  }
  world.bus.refusedAt = undefined;
  client.say({ type: "subscribe", topic: "a" });
  world.bus.publish("a", "1");
  assert.deepEqual(payloads(client), [1]);
  assert.deepEqual(world.reported, []);
});

test("[JSON-2.5] the confirmation of a publish names the id that was made", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  client.say({ type: "publish", topic: "chat", payload: 1, confirm: true });
  const [broadcast, confirmed] = client.take() as { message_id: string }[];
  assert.equal(broadcast?.message_id, confirmed?.message_id);
});

test("[NAMES-2.1] names that the bus refuses work, and come back as they were", async () => {
  const world = new JsonWorld();
  for (const topic of ["chat room", "/lead", "a//b", "", " x ", "tab\t", "%_", "ü", "$x"]) {
    const client = await world.subscriber(topic);
    client.say({ type: "publish", topic, payload: topic });
    const [one] = broadcasts(client);
    assert.equal(one?.topic, topic);
    client.end();
  }
});

test("[NAMES-2.6] [JSON-5.1] names that are too long and misplaced wildcards are refused", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const topic of ["x".repeat(1025), "é".repeat(513), "**/a", "\n".repeat(400)]) {
    client.say({ type: "subscribe", topic });
    assert.equal(onlyError(client).code, "bad-topic");
  }
  for (const topic of ["*", "**", "a/*/b"]) {
    client.say({ type: "publish", topic, payload: 1 });
    assert.equal(onlyError(client).code, "bad-topic");
  }
  client.say({ type: "publish", topic: "a*b/c**", payload: 1 });
  assert.deepEqual(client.take(), []);
});

test("[JSON-5.2] any JSON value is a payload, and stays what it is", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  for (const payload of ["null", "true", "0", "-1.5e300", `""`, "[]", `{"a":[1,{"b":null}]}`]) {
    client.say(`{"type":"publish","topic":"chat","payload":${payload}}`);
    const text = String(client.sent.at(-1));
    assert.ok(text.startsWith(`{"topic":"chat","payload":${payload},"timestamp":`), text);
  }
});

test("[JSON-6.2] what programs publish arrives with an id, the same for all and on replay", async () => {
  const world = new JsonWorld();
  const ada = await world.subscriber("chat", "ada");
  const bob = await world.subscriber("chat", "bob");
  world.bus.publish("chat", `{"n":1}`);
  world.bus.publish("chat", `{"n":2}`, { id: "mine" });
  const seen = broadcasts(ada);
  assert.deepEqual(broadcasts(bob), seen);
  assert.deepEqual(broadcasts(await world.subscriber("chat", "eve")), seen);
  assert.match(seen[0]?.message_id ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab]/);
  assert.equal(seen[1]?.message_id, "mine");
  for (let n = 0; n < 3; n++) {
    world.bus.publish("chat", "1");
    world.clock.advance(1);
  }
  world.bus.publish("chat", new Uint8Array([1]));
  world.bus.publish("chat", new Uint8Array([2]));
  world.bus.publish("chat", JSON.stringify("x".repeat(5000)));
  world.bus.publish("chat", JSON.stringify("x".repeat(5001)));
  const ids = broadcasts(ada).map((one) => one.message_id);
  assert.equal(new Set(ids).size, ids.length);
});

test("[JSON-6.6] payloads that are not JSON arrive as base64", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat");
  world.bus.publish("chat", new Uint8Array([0, 1, 254, 255]));
  world.bus.publish("chat", new Uint8Array(0));
  world.bus.publish("chat", "text", { format: "text" });
  world.bus.publish("chat", new Uint8Array(100_000).fill(7));
  const [bytes, none, text, long] = broadcasts(client);
  assert.deepEqual([bytes?.payload, bytes?.encoding], ["AAH+/w==", "base64"]);
  assert.deepEqual([none?.payload, none?.encoding], ["", "base64"]);
  assert.deepEqual([text?.payload, text?.encoding], ["text", undefined]);
  assert.equal(Buffer.from(String(long?.payload), "base64").length, 100_000);
});

test("[JSON-6.4] the text of a broadcast is built once for all connections", async () => {
  const world = new JsonWorld();
  const clients = [];
  for (let n = 0; n < 50; n++) clients.push(await world.subscriber("chat", `user${n}`));
  world.bus.publish("chat", "1");
  world.bus.publish("chat", "2");
  const prepared = clients.reduce((sum, client) => sum + client.prepareCount, 0);
  assert.equal(prepared, 2);
  for (const client of clients) assert.deepEqual(payloads(client), [1, 2]);
});

test("[JSON-6.7] typed connections get a type in front, others do not", async () => {
  const world = new JsonWorld();
  const plain = await world.subscriber("chat", "ada");
  const typed = world.connect();
  typed.say({ type: "auth", token: "bob", typed: true });
  typed.say({ type: "subscribe", topic: "chat" });
  await world.settled();
  world.bus.publish("chat", "1", { id: "m" });
  assert.ok(String(plain.sent.at(-1)).startsWith(`{"topic":"chat",`));
  assert.ok(String(typed.sent.at(-1)).startsWith(`{"type":"message","topic":"chat",`));
});

test("[JSON-4.1] topics that a principal may not read are neither delivered nor replayed", async () => {
  const world = new JsonWorld();
  world.bus.rule = (principal, verb, name) =>
    !(principal.name === "user:bob" && verb === "subscribe" && name === "chat/secret");
  const ada = await world.client("ada");
  const bob = await world.subscriber("chat/*", "bob");
  for (const topic of ["chat/secret", "chat/open"]) {
    ada.say({ type: "publish", topic, payload: topic });
  }
  assert.deepEqual(payloads(bob), ["chat/open"]);
  const again = await world.subscriber("chat/*", "bob");
  assert.deepEqual(payloads(again), ["chat/open"]);
});

test("[JSON-5.5] a publisher above the mark is not read from until the bus has drained", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  world.bus.isBelowMark = false;
  client.say({ type: "publish", topic: "chat", payload: 1 });
  await world.settled();
  assert.ok(client.isPaused);
  world.bus.drain();
  await world.settled();
  assert.equal(client.isPaused, false);
});

test("[JSON-4.7] when a connection is gone, nothing of it is left", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (let n = 0; n < 100; n++) client.say({ type: "subscribe", topic: `t${n}` });
  client.say({ type: "publish", topic: "t1", payload: 1, qos: 1 });
  client.end();
  await world.settled();
  assert.equal(world.bus.subscribers.size, 0);
  assert.equal(world.bus.openViews, 0);
  assert.equal(world.clock.pendingTimers, 0);
  assert.equal(world.stats.connections, 0);
});
