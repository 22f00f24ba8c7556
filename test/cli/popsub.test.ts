/**
 * The description of PopSub, exchange by exchange, against `npm start`: real processes, the `ws` package as
 * the client, nothing configured. The titles quote its headings; the second part has the protocol's table,
 * row by row, in the form that answers both its text and its code.
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import test, { after, before } from "node:test";
import { CliHome, quoted, type Serving } from "./cli-home.ts";
import { type Said, Tab } from "./tab.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");

let home: CliHome;
let server: Serving;
let url: string;
let topics = 0;

before(async () => {
  home = new CliHome();
  server = await home.serving(home.shell(`cd ${quoted(ROOT)} && exec npm start -- --port 0`));
  url = `ws://127.0.0.1:${server.port}`;
});

after(() => home[Symbol.asyncDispose]());

/** Each test has a topic of its own. */
const fresh = (): string => `topic-${++topics}`;
const login = { type: "login", username: "admin", password: "password" };
const authenticated = { type: "authenticated", status: "authenticated" };
const failure = (message: string, code: string): Said => ({
  type: "error",
  message,
  error: message,
  code,
});

async function tokenOf(tab: Tab): Promise<string> {
  const said = await tab.ask(login);
  assert.deepEqual(Object.keys(said), ["type", "token"]);
  assert.equal(said["type"], "login_response");
  return String(said["token"]);
}

/** A tab that has logged in and authenticated, at any path. */
async function entered(path = "/"): Promise<Tab> {
  const tab = await new Tab(url + path).opened();
  const token = await tokenOf(tab);
  assert.deepEqual(await tab.ask({ type: "auth", token }), authenticated);
  return tab;
}

async function subscribed(topic: string): Promise<Tab> {
  const tab = await entered();
  tab.say({ type: "subscribe", topic });
  return tab;
}

test("Run the Server: it says where it listens", async () => {
  await server.program.sees(
    new RegExp(`^WebSocket server listening on ws://127\\.0\\.0\\.1:${server.port}$`, "m"),
  );
});

test("Authentication: login for a token, auth with it, then the other commands", async () => {
  await using tab = await new Tab(url).opened();
  const token = await tokenOf(tab);
  const [header = "", claims = ""] = token.split(".");
  const decoded = (part: string): Said => JSON.parse(atob(part)) as Said;
  assert.equal(decoded(header)["alg"], "HS256");
  const { sub, exp, iat } = decoded(claims);
  assert.deepEqual([sub, Number(exp) - Number(iat)], ["admin", 86_400]);
  await using other = await new Tab(url).opened();
  assert.deepEqual(await other.ask({ type: "auth", token }), authenticated);
});

test("Authentication, first form: a token that the server was told", async () => {
  await using own = new CliHome();
  const env = { SERVER_TOKENS: "your_secret_token" };
  const { port } = await own.serve([], env);
  const at = `ws://127.0.0.1:${port}`;
  await using tab = await new Tab(at).opened();
  assert.deepEqual(await tab.ask({ type: "auth", token: "your_secret_token" }), authenticated);
  const wrong = await new Tab(at).opened();
  const said = await wrong.ask({ type: "auth", token: "another" });
  assert.equal(said["error"], "authentication failed");
  assert.equal(await wrong.closed, 4401);
});

test("Messaging Protocol: subscribe in two tabs, publish in one, see it in both", async () => {
  const topic = fresh();
  await using one = await subscribed(topic);
  await using two = await subscribed(topic);
  assert.deepEqual([await one.settled(), await two.settled()], [[], []]);
  one.say({ type: "publish", topic, payload: "Hello from Tab 1!" });
  const seen = await two.next();
  assert.deepEqual(Object.keys(seen), ["topic", "payload", "timestamp", "message_id", "qos"]);
  const sentMs = Number(seen["timestamp"]);
  const known = { topic, payload: "Hello from Tab 1!", qos: 0 };
  assert.deepEqual({ ...seen, ...known }, seen);
  assert.ok(Math.abs(sentMs - Date.parse(new Date().toISOString())) < 60_000);
  assert.deepEqual(await one.next(), seen, "who publishes and subscribes has it, too");
  two.say({ type: "unsubscribe", topic });
  assert.deepEqual(await two.settled(), []);
  one.say({ type: "publish", topic, payload: "after" });
  assert.equal((await one.next())["payload"], "after");
  assert.deepEqual(await two.settled(), []);
});

test("Reconnect and Replay: three messages, a reconnection, the same three again", async () => {
  const topic = fresh();
  await using publisher = await entered();
  const first = await subscribed(topic);
  assert.deepEqual(await first.settled(), []);
  for (const payload of ["one", "two", "three"]) {
    publisher.say({ type: "publish", topic, payload });
  }
  const live = [await first.next(), await first.next(), await first.next()];
  assert.deepEqual(
    live.map(({ payload }) => payload),
    ["one", "two", "three"],
  );
  await first[Symbol.asyncDispose]();
  await using again = await subscribed(topic);
  assert.deepEqual(await again.settled(), live, "with their ids, times and qos");
});

test("Reconnect and Replay: the last ten, and what came while nobody was there", async () => {
  const topic = fresh();
  await using publisher = await entered();
  for (let n = 0; n < 12; n++) publisher.say({ type: "publish", topic, payload: String(n) });
  assert.deepEqual(await publisher.settled(), []);
  await using late = await subscribed(topic);
  const payloads = (await late.settled()).map(({ payload }) => payload);
  assert.deepEqual(payloads, ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"]);
});

test("prevents duplicate subscriptions: no second delivery, no second replay", async () => {
  const topic = fresh();
  await using tab = await subscribed(topic);
  tab.say({ type: "publish", topic, payload: "once" });
  tab.say({ type: "subscribe", topic });
  tab.say({ type: "publish", topic, payload: "again" });
  assert.deepEqual(
    (await tab.settled()).map(({ payload }) => payload),
    ["once", "again"],
  );
});

test("QoS 1 in real time: sent again after 5 s with the same id; an ack ends that", async () => {
  const topic = fresh();
  await using tab = await subscribed(topic);
  const message_id = "some_unique_message_id_123";
  tab.say({ type: "publish", topic, payload: "Important message!", message_id, qos: 1 });
  const sent = await tab.next();
  const sentMs = performance.now();
  assert.deepEqual(
    [sent["message_id"], sent["qos"], sent["redelivered"]],
    [message_id, 1, undefined],
  );
  assert.deepEqual(await tab.next(), { ...sent, redelivered: true });
  const waitedMs = performance.now() - sentMs;
  assert.ok(waitedMs > 4900 && waitedMs < 8000, `${waitedMs} ms`);
  tab.say({ type: "ack", message_id });
  assert.deepEqual(await tab.settled(), []);
  // Settled: it is not known any more, so nothing will be sent again.
  assert.equal((await tab.ask({ type: "ack", message_id }))["code"], "unknown-message");
});

test("QoS 1: who leaves without an ack gets it again when it is back, flagged", async () => {
  const topic = fresh();
  const message_id = "m-left";
  const first = await subscribed(topic);
  first.say({ type: "publish", topic, payload: 1, message_id, qos: 1 });
  const sent = await first.next();
  await first[Symbol.asyncDispose]();
  await using again = await subscribed(topic);
  assert.deepEqual(await again.next(), { ...sent, redelivered: true });
  again.say({ type: "ack", message_id });
  assert.deepEqual(await again.settled(), []);
});

test("Ctrl-C and SIGTERM: connected clients are told", async () => {
  await using own = new CliHome();
  const { program, port } = await own.serve();
  const tab = await new Tab(`ws://127.0.0.1:${port}`).opened();
  program.kill("SIGTERM");
  assert.equal(await tab.closed, 1001);
  assert.equal((await program.ended).code, 0);
});

// The table, from client to server and back, row by row.

const before401 = [
  { type: "subscribe", topic: "chat" },
  { type: "unsubscribe", topic: "chat" },
  { type: "publish", topic: "chat", payload: "x" },
  { type: "ack", message_id: "x" },
];

test("row: any URL path is accepted, text frames", async () => {
  await using tab = await entered("/any/path?at=all");
  assert.deepEqual(await tab.settled(), []);
});

test("row: login ok", async () => {
  await using tab = await new Tab(url).opened();
  assert.match(await tokenOf(tab), /^[\w-]+\.[\w-]+\.[\w-]+$/);
});

test("row: login bad, and the connection stays open", async () => {
  await using tab = await new Tab(url).opened();
  const wrong = { ...login, password: "wrong-in-popsub" };
  assert.deepEqual(await tab.ask(wrong), failure("invalid credentials", "invalid-credentials"));
  assert.deepEqual(await tab.ask({ ...login, username: "nobody" }), {
    ...failure("invalid credentials", "invalid-credentials"),
  });
  await tokenOf(tab);
});

test("row: auth ok", async () => {
  await using tab = await entered();
  assert.deepEqual(await tab.settled(), []);
});

test("row: auth bad, then it closes", async () => {
  const tab = await new Tab(url).opened();
  assert.deepEqual(
    await tab.ask({ type: "auth", token: "your_secret_token" }),
    failure("authentication failed", "authentication-failed"),
  );
  assert.equal(await tab.closed, 4401);
});

for (const command of before401) {
  test(`row: ${command.type} before auth, then it closes`, async () => {
    const tab = await new Tab(url).opened();
    assert.deepEqual(
      await tab.ask(command),
      failure("must authenticate first", "must-authenticate"),
    );
    assert.equal(await tab.closed, 4401);
  });
}

test("row: a broadcast has no type; a message_id is kept, or made", async () => {
  const topic = fresh();
  await using tab = await subscribed(topic);
  tab.say({ type: "publish", topic, payload: "x", message_id: "mine", qos: 0 });
  assert.deepEqual(
    Object.entries(await tab.next()).filter(([key]) => key !== "timestamp"),
    [
      ["topic", topic],
      ["payload", "x"],
      ["message_id", "mine"],
      ["qos", 0],
    ],
  );
  tab.say({ type: "publish", topic, payload: "x", message_id: "" });
  assert.match(String((await tab.next())["message_id"]), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

test("row: subscribe, unsubscribe, publish and ack that succeed are not answered", async () => {
  const topic = fresh();
  await using tab = await subscribed(topic);
  tab.say({ type: "publish", topic, payload: "x", message_id: "m", qos: 1 });
  await tab.next();
  tab.say({ type: "ack", message_id: "m" }, { type: "unsubscribe", topic });
  assert.deepEqual(await tab.settled(), []);
});

test("row: bad JSON and unknown types get an error where PopSub ignored them, and it stays", async () => {
  await using tab = await entered();
  assert.equal((await tab.ask("{"))["code"], "bad-json");
  assert.equal((await tab.ask({ type: "no" }))["code"], "unknown-type");
  assert.deepEqual(await tab.settled(), []);
});

test("row: binary frames get an error where PopSub ignored them; pings are answered", async () => {
  await using tab = await entered();
  assert.equal((await tab.ask(new Uint8Array([1])))["code"], "not-text");
  await tab.pinged(new Uint8Array([7, 8]));
  assert.deepEqual(await tab.settled(), []);
});

test("row: any JSON value is a payload, and qos other than 0 and 1 is an error", async () => {
  const topic = fresh();
  await using tab = await subscribed(topic);
  for (const payload of ["text", 1.5, null, true, [1, { a: "b" }], { nested: [] }]) {
    tab.say({ type: "publish", topic, payload });
    assert.deepEqual((await tab.next())["payload"], payload);
  }
  assert.equal(
    (await tab.ask({ type: "publish", topic, payload: 1, qos: 2 }))["code"],
    "bad-field",
  );
});
