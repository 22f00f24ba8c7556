import assert from "node:assert/strict";
import { test } from "node:test";
import { broadcasts, JsonWorld, onlyError, payloads } from "./json-world.ts";

const wrong = { type: "login", username: "admin", password: "wrong" };
const right = { type: "login", username: "admin", password: "password" };

test("[JSON-3.3] the fifth failed login within a minute closes the connection", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  for (let n = 1; n <= 4; n++) {
    client.say(wrong);
    await world.settled();
    assert.equal(onlyError(client).code, "invalid-credentials");
  }
  assert.ok(!client.isClosed);
  client.say(wrong);
  await world.settled();
  const codes = (client.take() as { code: string }[]).map((one) => one.code);
  assert.deepEqual(codes, ["invalid-credentials", "too-many-logins"]);
  assert.equal(client.closedWith?.reason, "too-many");
  assert.equal(world.stats.failedLogins, 5);
});

test("[JSON-3.3] failures are forgotten after a minute, and a success does not forgive them", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (let n = 0; n < 4; n++) client.say(wrong);
  await world.settled();
  client.say(right);
  await world.settled();
  world.clock.advance(60_000);
  for (let n = 0; n < 4; n++) client.say(wrong);
  await world.settled();
  assert.ok(!client.isClosed);
  client.say(wrong);
  await world.settled();
  assert.equal(client.closedWith?.reason, "too-many");
});

test("[JSON-3.5] what is sent right behind an auth waits for its end, in order", async () => {
  const world = new JsonWorld();
  world.isHeld = true;
  const client = world.connect();
  client.say({ type: "auth", token: "ada" });
  client.say({ type: "subscribe", topic: "chat" });
  client.say({ type: "publish", topic: "chat", payload: 1 });
  client.say({ type: "publish", topic: "chat", payload: 2 });
  await world.settled();
  assert.deepEqual(client.sent, []);
  assert.ok(client.isPaused);
  world.release();
  await world.settled();
  assert.deepEqual(payloads(client), [1, 2]);
  assert.equal(client.isPaused, false);
});

test("[JSON-3.5] what is sent right behind a failed auth is not read", async () => {
  const world = new JsonWorld();
  world.isHeld = true;
  const client = world.connect();
  client.say({ type: "auth", token: "bad" });
  client.say({ type: "publish", topic: "chat", payload: 1 });
  world.release();
  await world.settled();
  assert.equal(onlyError(client).code, "authentication-failed");
  assert.equal(world.stats.published, 0);
});

test("[JSON-3.5] several logins and auths in a row are answered one by one", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  client.say(right);
  client.say(wrong);
  client.say({ type: "auth", token: "ada" });
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  const types = (client.take() as { type: string }[]).map((one) => one.type);
  assert.deepEqual(types, ["login_response", "error", "authenticated", "authenticated"]);
});

test("[JSON-3.6] ten seconds to authenticate, to the millisecond; logins do not stop the clock", async () => {
  const world = new JsonWorld();
  const client = world.connect();
  const inTime = world.connect();
  world.clock.advance(9000);
  client.say(right);
  inTime.say({ type: "auth", token: "ada" });
  await world.settled();
  client.take();
  world.clock.advance(999);
  assert.ok(!client.isClosed);
  world.clock.advance(1);
  assert.equal(onlyError(client).code, "authentication-timeout");
  assert.equal(client.closedWith?.reason, "timeout");
  assert.ok(!inTime.isClosed);
});

test("[JSON-3.6] an auth that ends after the deadline opens nothing", async () => {
  const world = new JsonWorld();
  world.isHeld = true;
  const client = world.connect();
  client.say({ type: "auth", token: "ada" });
  world.clock.advance(10_000);
  world.release();
  await world.settled();
  assert.equal(onlyError(client).code, "authentication-timeout");
  assert.equal(world.bus.openViews, 0);
});

test("a client that goes away during its auth leaves nothing behind", async () => {
  const world = new JsonWorld();
  world.isHeld = true;
  const client = world.connect();
  client.say({ type: "auth", token: "ada" });
  client.say({ type: "subscribe", topic: "a" });
  client.end();
  world.release();
  await world.settled();
  assert.equal(world.bus.openViews, 0);
  assert.equal(world.clock.pendingTimers, 0);
  assert.deepEqual(client.sent, []);
});

test("[JSON-3.7] the connection ends with the token, to the millisecond, and hears nothing more", async () => {
  const world = new JsonWorld();
  world.tokenEndsAtMs = world.clock.wallMs() + 86_400_000;
  const client = await world.subscriber("chat");
  world.clock.advance(86_399_999);
  world.bus.publish("chat", "1");
  assert.deepEqual(payloads(client), [1]);
  world.clock.advance(1);
  assert.equal(onlyError(client).code, "token-expired");
  assert.equal(client.closedWith?.reason, "not-authenticated");
  world.bus.publish("chat", "2");
  assert.deepEqual(client.take(), []);
});

test("[JSON-3.7] a wall clock that is set forward is noticed within the hour", async () => {
  const world = new JsonWorld();
  world.tokenEndsAtMs = world.clock.wallMs() + 86_400_000;
  const client = await world.client();
  world.clock.jumpWall(86_400_000);
  world.clock.advance(3_600_000);
  assert.equal(onlyError(client).code, "token-expired");
});

test("[JSON-3.9] a second auth renews the token; subscriptions stay and nothing is replayed", async () => {
  const world = new JsonWorld();
  world.tokenEndsAtMs = world.clock.wallMs() + 1000;
  const client = await world.subscriber("chat");
  world.bus.publish("chat", "1");
  world.tokenEndsAtMs += 5000;
  client.say({ type: "auth", token: "ada", typed: true });
  await world.settled();
  client.take();
  world.clock.advance(5999);
  world.bus.publish("chat", "2");
  assert.deepEqual(payloads(client), [2]);
  assert.equal(world.bus.openViews, 1);
  world.clock.advance(1);
  assert.equal(onlyError(client).code, "token-expired");
});

test("[JSON-3.9] subscriptions that the new token may not have are ended", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "subscribe", topic: "a" });
  client.say({ type: "subscribe", topic: "b" });
  world.bus.rule = (_principal, _verb, name) => name !== "a";
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  const codes = (client.take() as { type: string; code?: string }[]).map((m) => m.code ?? m.type);
  assert.deepEqual(codes, ["authenticated", "denied"]);
  assert.deepEqual(
    [...world.bus.subscribers].map((one) => one.pattern),
    ["b"],
  );
});

test("one subscription that could not be renewed left the others on the old rights [JSON-3.9]", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const topic of ["a b", "b", "c"]) client.say({ type: "subscribe", topic });
  const [pattern] = [...world.bus.subscribers].map((one) => one.pattern);
  world.bus.busyAt = pattern;
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  const [authenticated, busy, ...more] = client.take() as { type: string; topic?: string }[];
  assert.equal(authenticated?.type, "authenticated");
  assert.deepEqual([(busy as { code?: string }).code, busy?.topic], ["busy", "a b"]);
  assert.deepEqual(more, []);
  assert.equal(world.bus.openViews, 1);
  assert.deepEqual(
    [...world.bus.subscribers].map((one) => one.pattern),
    ["b", "c"],
  );
  world.bus.publish("c", "1");
  assert.deepEqual(payloads(client), [1]);
});

test("what the new token may not read was sent again all the same [JSON-3.9] [JSON-4.1]", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("x/*");
  for (const topic of ["x/secret", "x/open"]) world.bus.publish(topic, "1", { qos: 1, id: topic });
  world.bus.rule = (_principal, _verb, name) => name !== "x/secret";
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  client.take();
  world.clock.advance(5000);
  assert.deepEqual(
    broadcasts(client).map((one) => one.topic),
    ["x/open"],
  );
});

test("[JSON-3.9] a second auth that fails closes the connection", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "auth", token: "bad" });
  await world.settled();
  assert.equal(onlyError(client).code, "authentication-failed");
  assert.equal(client.closedWith?.reason, "not-authenticated");
});

test("[JSON-3.9] a token of somebody else does not change who the connection is", async () => {
  const world = new JsonWorld();
  const client = await world.subscriber("chat", "ada");
  client.say({ type: "auth", token: "bob" });
  await world.settled();
  assert.equal(onlyError(client).code, "already-authenticated");
  world.bus.publish("chat", "1");
  assert.deepEqual(payloads(client), [1]);
  assert.equal(world.bus.openViews, 1);
});

test("[JSON-3.8] where anonymous clients are allowed, commands need no auth", async () => {
  const world = new JsonWorld({ isAnonymousAllowed: true });
  const client = world.connect();
  world.clock.advance(20_000);
  client.say({ type: "subscribe", topic: "chat" });
  client.say({ type: "publish", topic: "chat", payload: 1 });
  await world.settled();
  assert.deepEqual(payloads(client), [1]);
  const [one] = world.bus.subscribers;
  assert.equal(one?.view.principal.name, "anonymous:json");
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  const [reply] = client.take() as { type: string }[];
  assert.equal(reply?.type, "authenticated");
  assert.equal([...world.bus.subscribers][0]?.view.principal.name, "user:ada");
});

test("the authority is told where the client speaks from", async () => {
  const world = new JsonWorld();
  const client = world.connect({
    remote: "192.0.2.7",
    isLoopback: false,
    origin: "https://elsewhere.example",
  });
  client.say(right);
  await world.settled();
  assert.deepEqual(world.callers, [{ remote: "192.0.2.7", origin: "https://elsewhere.example" }]);
});

test("[JSON-3.5] between two auths in a row the connection is not read from", async () => {
  const world = new JsonWorld();
  world.isHeld = true;
  const client = world.connect();
  client.say({ type: "login", username: "ada", password: "password" });
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  world.release();
  world.isHeld = true;
  await world.settled();
  assert.equal(client.take().length, 1);
  assert.ok(client.isPaused);
  world.release();
  await world.settled();
  assert.ok(!client.isPaused);
});

test("a client that goes away before its confirmation gets none", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  client.say({ type: "subscribe", topic: "a", confirm: true });
  client.end();
  await world.settled();
  assert.deepEqual(client.take(), []);
  assert.deepEqual(world.reported, []);
});
