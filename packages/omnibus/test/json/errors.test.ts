import assert from "node:assert/strict";
import { test } from "node:test";
import { type JsonErrorCode, jsonErrorTable } from "../../src/adapters/json/index.ts";
import type { RecordingConversation } from "../../src/testing/index.ts";
import { JsonWorld } from "./json-world.ts";

type Provoke = (world: JsonWorld) => Promise<RecordingConversation>;

interface Row {
  readonly provoke: Provoke;
  readonly detail?: RegExp;
  /** [JSON-9.5] */
  readonly about?: { readonly topic?: string; readonly message_id?: string };
}

/** How each row of the table is brought about. [JSON-9.1] */
const rows: Record<JsonErrorCode, Row> = {
  "bad-json": { provoke: (world) => saying(world, "{") },
  "too-deep": { provoke: (world) => saying(world, "[".repeat(100)) },
  "bad-message": { provoke: (world) => saying(world, "[]") },
  "unknown-type": { provoke: (world) => saying(world, { type: "fly" }), detail: / "fly"$/ },
  "bad-field": {
    provoke: (world) => saying(world, { type: "subscribe", topic: 7 }),
    detail: / `topic` must be a string$/,
  },
  "not-text": {
    async provoke(world) {
      const client = await world.client();
      client.sayBytes(new Uint8Array(3));
      return client;
    },
  },
  "too-big": {
    provoke: (world) => saying(world, `{"type":"publish","payload":"${"é".repeat(600_000)}"}`),
  },
  "must-authenticate": {
    async provoke(world) {
      const client = world.connect();
      client.say({ type: "ack", message_id: "m" });
      return client;
    },
  },
  "invalid-credentials": { provoke: (world) => loginAs(world, "admin") },
  "too-many-logins": { provoke: (world) => loginAs(world, "limited") },
  "authentication-failed": {
    async provoke(world) {
      const client = world.connect();
      client.say({ type: "auth", token: "bad" });
      await world.settled();
      return client;
    },
  },
  "authentication-timeout": {
    async provoke(world) {
      const client = world.connect();
      world.clock.advance(10_000);
      return client;
    },
  },
  "token-expired": {
    async provoke(world) {
      world.tokenEndsAtMs = world.clock.wallMs() + 1000;
      const client = await world.client();
      world.clock.advance(1000);
      return client;
    },
  },
  "already-authenticated": {
    async provoke(world) {
      const client = await world.client("ada");
      client.say({ type: "auth", token: "bob" });
      await world.settled();
      return client;
    },
  },
  "bad-topic": {
    provoke: (world) => saying(world, { type: "publish", topic: "a/*", payload: 1 }),
    detail: / the topic "a\/\*" has a wildcard/,
    about: { topic: "a/*" },
  },
  denied: {
    provoke(world) {
      world.bus.rule = () => false;
      return saying(world, { type: "publish", topic: "a", payload: 1, message_id: "m" });
    },
    about: { topic: "a", message_id: "m" },
  },
  "too-many-subscriptions": {
    async provoke(world) {
      const client = await world.client();
      for (let n = 0; n <= 1000; n++) client.say({ type: "subscribe", topic: `t${n}` });
      return client;
    },
    about: { topic: "t1000" },
  },
  "unknown-message": {
    provoke: (world) => saying(world, { type: "ack", message_id: "m", topic: " a" }),
    about: { topic: " a", message_id: "m" },
  },
  overloaded: {
    async provoke(world) {
      world.isHeld = true;
      const client = world.connect();
      client.say({ type: "auth", token: "ada" });
      const text = JSON.stringify({ type: "publish", topic: "a", payload: "x".repeat(300_000) });
      for (let n = 0; n < 4; n++) client.say(text);
      return client;
    },
  },
  busy: { provoke: (world) => loginAs(world, "busy") },
  internal: {
    async provoke(world) {
      const client = world.connect();
      client.say({ type: "auth", token: "broken" });
      await world.settled();
      assert.deepEqual(world.reported, ["[internal] disk on fire"]);
      return client;
    },
  },
};

async function saying(world: JsonWorld, message: string | object): Promise<RecordingConversation> {
  const client = await world.client();
  client.say(message);
  return client;
}

async function loginAs(world: JsonWorld, username: string): Promise<RecordingConversation> {
  const client = world.connect();
  client.say({ type: "login", username, password: "wrong" });
  await world.settled();
  return client;
}

for (const [code, facts] of Object.entries(jsonErrorTable)) {
  const outcome = facts.close === undefined ? "the connection stays" : `closes: ${facts.close}`;
  test(`[JSON-9.1] ${code}: ${facts.when}; ${outcome}`, async () => {
    const world = new JsonWorld();
    const { provoke, detail, about } = rows[code as JsonErrorCode];
    const client = await provoke(world);
    const replies = client.take() as Record<string, string>[];
    const reply = replies.at(-1) ?? {};
    const { topic, message_id, ...rest } = reply;
    assert.deepEqual(Object.keys(rest), ["type", "message", "error", "code"]);
    assert.deepEqual({ topic, message_id }, { topic: undefined, message_id: undefined, ...about });
    assert.equal(reply["type"], "error");
    assert.equal(reply["code"], code);
    assert.equal(reply["error"], reply["message"]);
    if (detail === undefined) assert.equal(reply["message"], facts.message);
    else {
      assert.ok(reply["message"]?.startsWith(facts.message), reply["message"]);
      assert.match(reply["message"] ?? "", detail);
    }
    assert.equal(client.closedWith?.reason, facts.close);
    assert.equal(world.stats.errors, 1);
    const sent = client.sent.length;
    client.say({ type: "nonsense" });
    const isAnswered = facts.close === undefined;
    assert.equal(client.sent.length, isAnswered ? sent + 1 : sent, "after a close nothing is said");
    client.end();
    await world.settled();
    assert.equal(world.bus.openViews, 0);
    assert.equal(world.clock.pendingTimers, 0);
    assert.equal(world.stats.connections, 0);
  });
}

test("[JSON-9.5] an error says which command it is about, as far as that could be read", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  const cases: readonly (readonly [object, object])[] = [
    [
      { type: "publish", topic: "a", message_id: "m" },
      { topic: "a", message_id: "m" },
    ],
    [{ type: "publish", topic: 7, message_id: "m", payload: 1 }, { message_id: "m" }],
    [
      { type: "fly", topic: "a", message_id: "" },
      { topic: "a", message_id: "" },
    ],
    [{ type: "publish", topic: "\ud800", payload: 1, qos: 2 }, { topic: "\ud800" }],
    [{ type: "subscribe", topic: "x".repeat(1025) }, {}],
    [{ type: "ack", topic: "a", message_id: "x".repeat(1025) }, { topic: "a" }],
    [{ type: "login", username: "ada", password: 7 }, {}],
  ];
  for (const [command, about] of cases) {
    client.say(command);
    const [reply] = client.take() as Record<string, unknown>[];
    const { type, code, message, error, ...rest } = reply ?? {};
    assert.deepEqual([type, message, rest], ["error", error, about], String(code));
  }
});

test("[JSON-9.5] who may not go on with a subscription under other permissions is told which", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  for (const topic of [" a", "b/*"]) client.say({ type: "subscribe", topic });
  world.bus.rule = (_principal, _verb, name) => name !== "b/*";
  client.say({ type: "auth", token: "ada" });
  await world.settled();
  const errors = (client.take() as Record<string, unknown>[]).filter(
    ({ type }) => type === "error",
  );
  assert.deepEqual(
    errors.map(({ code, topic }) => [code, topic]),
    [["denied", "b/*"]],
  );
});

test("[JSON-9.3] errors of the bus tell the client no more than the table does", async () => {
  const world = new JsonWorld();
  const client = await world.client();
  world.bus.rule = () => {
    throw new Error("secret path");
  };
  client.say({ type: "subscribe", topic: "a" });
  const [reply] = client.take() as { message: string; code: string }[];
  assert.deepEqual([reply?.code, reply?.message], ["internal", "internal error"]);
  assert.deepEqual(world.reported, ["[internal] secret path"]);
});

test("[JSON-9.4] who does not read its answers is not read from either", async () => {
  const world = new JsonWorld({ maxQueueBytes: 100_000 });
  const client = await world.client();
  client.stopReading();
  while (!client.isPaused) client.say("{");
  assert.ok(client.bufferedBytes > 100_000 && client.bufferedBytes < 101_000);
  client.read();
  assert.equal(client.isPaused, false);
});
