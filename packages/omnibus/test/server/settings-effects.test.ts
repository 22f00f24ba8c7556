import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decodeJwt, SignJWT } from "jose";
import { generate } from "selfsigned";
import { WebSocket } from "ws";
import {
  createLogger,
  hashPassword,
  type SettingKey,
  settingKeys,
  systemRandom,
} from "../../src/server/index.ts";
import { type JsonClient, type Said, ServerStage } from "./server-stage.ts";

type Effect = (stage: ServerStage) => Promise<void>;

const publish = (topic: string, payload: unknown, more: object = {}): object => ({
  type: "publish",
  topic,
  payload,
  confirm: true,
  ...more,
});
const subscribe = (topic: string): object => ({ type: "subscribe", topic, confirm: true });

/** What is replayed to a new subscriber before it is told that it is one. */
async function replayOf(client: JsonClient, topic: string): Promise<unknown[]> {
  const payloads: unknown[] = [];
  client.say(subscribe(topic), { type: "no-such-type" });
  for (let said = await client.heard.next(); said["code"] === undefined;) {
    if ("payload" in said) payloads.push(said["payload"]);
    said = await client.heard.next();
  }
  return payloads;
}

async function codeOf(client: JsonClient): Promise<number> {
  return (await client.closed).code;
}

/** Whether a client may subscribe to a topic. */
async function maySubscribe(client: JsonClient, topic: string): Promise<boolean> {
  return (await client.ask(subscribe(topic)))["type"] !== "error";
}

/** Sends messages until somebody's queue has dropped some. */
async function overflow(stage: ServerStage, bytes: number): Promise<boolean> {
  const slow = await stage.enter();
  await slow.ask(subscribe("much"));
  slow.socket.pause();
  for (let sent = 0; sent < bytes; sent += 60_000) {
    stage.server.bus.publish("much", "x".repeat(60_000));
    await stage.roundTrip();
  }
  return (await stage.metric("json_dropped_total")) > 0;
}

const outerAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

/** For each setting, what is seen when it is changed. The type makes the list complete. */
const effects: { readonly [Key in SettingKey]: Effect } = {
  "server.host": async (stage) => {
    const server = await stage.start({ "server.host": "localhost" });
    assert.match(server.url, /^ws:\/\/localhost:\d+$/);
    await stage.connect();
  },
  "server.port": async (stage) => {
    const { port } = await stage.start();
    await stage.server.close();
    assert.equal((await stage.start({ "server.port": port })).port, port);
  },
  "server.jwt_secret": async (stage) => {
    const secret = "a secret of more than thirty-two bytes";
    await stage.start({ "server.jwt_secret": secret });
    const token = await new SignJWT({ sub: "ada" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime(stage.clock.wallMs() / 1000 + 60)
      .sign(new TextEncoder().encode(secret));
    const client = await stage.connect();
    assert.equal((await client.ask({ type: "auth", token }))["type"], "authenticated");
  },
  "server.jwt_expiry_secs": async (stage) => {
    await stage.start({ "server.jwt_expiry_secs": 100 });
    const client = await stage.connect();
    const said = await client.ask({ type: "login", username: "admin", password: "password" });
    const { exp } = decodeJwt(String(said["token"]));
    assert.equal(exp, stage.clock.wallMs() / 1000 + 100);
  },
  "server.tokens": async (stage) => {
    await stage.start({ "server.tokens": ["open sesame"] });
    const client = await stage.connect();
    assert.equal(
      (await client.ask({ type: "auth", token: "open sesame" }))["type"],
      "authenticated",
    );
  },
  "server.users": async (stage) => {
    const cost = { ln: 10, r: 8, p: 1 };
    const password_hash = await hashPassword("correct horse", systemRandom, cost);
    await stage.start({ "server.users": { ada: { password_hash } } });
    const client = await stage.connect();
    const login = { type: "login", username: "ada", password: "correct horse" };
    assert.equal((await client.ask(login))["type"], "login_response");
    const old = await client.ask({ type: "login", username: "admin", password: "password" });
    assert.equal(old["type"], "error");
  },
  "server.roles": async (stage) => {
    await stage.start({
      "server.roles": { guest: { subscribe: ["open/**"] } },
      "server.tokens": [{ token: "a guest's token", roles: ["guest"] }],
    });
    const client = await stage.enter("a guest's token");
    assert.equal(await maySubscribe(client, "open/a"), true);
    assert.equal(await maySubscribe(client, "closed/a"), false);
  },
  "server.anonymous": async (stage) => {
    await stage.start({ "server.anonymous": { subscribe: ["open/**"] } });
    const client = await stage.connect();
    assert.equal(await maySubscribe(client, "open/a"), true);
    assert.equal(await maySubscribe(client, "closed/a"), false);
  },
  "server.allow_origins": async (stage) => {
    await stage.start({ "server.allow_origins": ["https://app.example.com"] });
    await stage.connect({ origin: "https://app.example.com" });
    const other = new WebSocket(stage.server.url, { origin: "https://other.example.com" });
    other.on("error", () => {});
    const [, response] = (await once(other, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];
    assert.equal(response.statusCode, 403);
  },
  "server.tls_cert": (stage) => servesTls(stage),
  "server.tls_key": (stage) => servesTls(stage),
  "server.timestamps": async (stage) => {
    await stage.start({ "server.timestamps": "s" });
    const client = await stage.enter();
    await client.ask(subscribe("a"));
    stage.server.bus.publish("a", 1);
    const said = await client.heard.next();
    assert.equal(said["timestamp"], Math.floor(stage.clock.wallMs() / 1000));
  },
  "server.log_level": async () => {
    const lines: string[] = [];
    const destination = { write: (line: string): void => void lines.push(line) };
    const log = createLogger({ level: "warn", isPretty: false, destination });
    log.info("not told");
    log.warn({ token: "secret" }, "told");
    assert.equal(lines.length, 1);
    assert.match(String(lines[0]), /"msg":"told"/);
    assert.doesNotMatch(String(lines[0]), /secret/);
  },
  "server.drain_secs": async (stage) => {
    await stage.start({ "server.drain_secs": 2 });
    const silent = await stage.enter();
    // It never answers the close frame.
    silent.socket.pause();
    let isClosed = false;
    const closed = stage.server.close().then(() => (isClosed = true));
    stage.clock.advance(1999);
    await stage.clock.settled();
    assert.equal(isClosed, false);
    stage.clock.advance(1);
    await closed;
  },
  "broker.max_connections": async (stage) => {
    await stage.start({ "broker.max_connections": 1 });
    await stage.connect();
    assert.equal(await codeOf(await stage.connect()), 1013);
  },
  "broker.max_connections_per_address": async (stage) => {
    if (outerAddress === undefined) return;
    await stage.start({
      "server.host": outerAddress,
      "server.tokens": ["a token that is long enough"],
      "broker.max_connections_per_address": 1,
    });
    await stage.connect();
    assert.equal(await codeOf(await stage.connect()), 4429);
  },
  "broker.max_message_bytes": async (stage) => {
    await stage.start({ "broker.max_message_bytes": 2000 });
    const client = await stage.enter();
    assert.equal((await client.ask(publish("a", "x".repeat(1000))))["type"], "confirmed");
    client.say(publish("a", "x".repeat(3000)));
    assert.equal(await codeOf(client), 1009);
  },
  "broker.max_subscriptions": async (stage) => {
    await stage.start({ "broker.max_subscriptions": 1 });
    const client = await stage.enter();
    assert.equal(await maySubscribe(client, "a"), true);
    const said = await client.ask(subscribe("b"));
    assert.equal(said["code"], "too-many-subscriptions");
  },
  "broker.max_queue_bytes": async (stage) => {
    await stage.start({ "broker.max_queue_bytes": 65_536 });
    assert.equal(await overflow(stage, 12_000_000), true);
  },
  "broker.max_failed_logins": async (stage) => {
    await stage.start({ "broker.max_failed_logins": 2 });
    const client = await stage.connect();
    for (let n = 0; n < 3; n++) client.say({ type: "login", username: "admin", password: "wrong" });
    assert.equal(await codeOf(client), 4429);
  },
  "broker.auth_timeout_secs": async (stage) => {
    await stage.start({ "broker.auth_timeout_secs": 3 });
    const client = await stage.connect();
    await stage.pass(3);
    assert.equal(await codeOf(client), 4408);
  },
  "broker.first_byte_timeout_secs": async (stage) => {
    const { port } = await stage.start({ "broker.first_byte_timeout_secs": 3 });
    const silent = connect(port, "127.0.0.1");
    const closed = once(silent.resume(), "close");
    await once(silent, "connect");
    await stage.roundTrip();
    await stage.pass(3);
    await closed;
  },
  "broker.frame_timeout_secs": async (stage) => {
    await stage.start({ "broker.frame_timeout_secs": 3 });
    const client = await stage.enter();
    rawSocketOf(client).write(Buffer.from([0x81]));
    await stage.roundTrip();
    await stage.pass(4);
    assert.equal(await codeOf(client), 4408);
  },
  "broker.ping_interval_secs": async (stage) => {
    await stage.start({ "broker.ping_interval_secs": 3 });
    const client = await stage.enter();
    const pinged = once(client.socket, "ping");
    await stage.pass(4);
    await pinged;
  },
  "broker.ping_misses": async (stage) => {
    await stage.start({ "broker.ping_interval_secs": 1, "broker.ping_misses": 1 });
    const client = await stage.connect({ autoPong: false });
    await client.ask({ type: "auth", token: stage.localToken });
    await stage.pass(3);
    assert.equal(await codeOf(client), 1006);
  },
  "broker.message_ttl_secs": async (stage) => {
    await stage.start({ "broker.message_ttl_secs": 5 });
    const client = await stage.enter();
    await client.ask(publish("a", 1));
    await stage.pass(4);
    assert.deepEqual(await replayOf(client, "a"), [1]);
    await stage.pass(2);
    assert.deepEqual(await replayOf(await stage.enter(), "a"), []);
  },
  "broker.history": async (stage) => {
    await stage.start({ "broker.history": ["kept/**", { pattern: "few", count: 1 }] });
    for (const topic of ["kept/a", "few", "other"]) {
      for (const n of [1, 2]) stage.server.bus.publish(topic, n);
    }
    const client = await stage.enter();
    assert.deepEqual(await replayOf(client, "kept/a"), [1, 2]);
    assert.deepEqual(await replayOf(client, "few"), [2]);
    assert.deepEqual(await replayOf(client, "other"), []);
  },
  "broker.history_size": async (stage) => {
    await stage.start({ "broker.history_size": 2 });
    const client = await stage.enter();
    for (const n of [1, 2, 3]) await client.ask(publish("a", n));
    assert.deepEqual(await replayOf(client, "a"), [2, 3]);
  },
  "broker.history_topics": async (stage) => {
    await stage.start({ "broker.history_topics": 1 });
    const client = await stage.enter();
    for (const topic of ["a", "b"]) await client.ask(publish(topic, 1));
    assert.deepEqual(await replayOf(client, "b"), [1]);
    assert.deepEqual(await replayOf(client, "a"), []);
  },
  "broker.history_bytes": async (stage) => {
    await stage.start({ "broker.history_bytes": 65_536 });
    const client = await stage.enter();
    for (const n of [1, 2]) await client.ask(publish("a", String(n).repeat(40_000)));
    const replayed = await replayOf(client, "a");
    assert.deepEqual(replayed, ["2".repeat(40_000)]);
  },
  "broker.ack_timeout_secs": async (stage) => {
    await stage.start({ "broker.ack_timeout_secs": 2 });
    const { first, again } = await unacknowledged(stage, 2);
    assert.equal(again?.["message_id"], first["message_id"]);
  },
  "broker.ack_retries": async (stage) => {
    await stage.start({ "broker.ack_timeout_secs": 1, "broker.ack_retries": 0 });
    const { again } = await unacknowledged(stage, 3);
    assert.equal(again, undefined);
  },
};

/** Publishes with QoS 1 to a client that does not acknowledge, and lets time go by. */
async function unacknowledged(
  stage: ServerStage,
  seconds: number,
): Promise<{ first: Said; again: Said | undefined }> {
  const client = await stage.enter();
  await client.ask(subscribe("a"));
  client.say(publish("a", 1, { qos: 1, confirm: false }));
  const first = await client.heard.next();
  await stage.pass(seconds);
  const again = client.heard.size > 0 ? await client.heard.next() : undefined;
  return { first, again };
}

async function servesTls(stage: ServerStage): Promise<void> {
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
  });
  const [cert, key] = [join(stage.folder, "cert.pem"), join(stage.folder, "key.pem")];
  writeFileSync(cert, pems.cert);
  writeFileSync(key, pems.private);
  const server = await stage.start({ "server.tls_cert": cert, "server.tls_key": key });
  assert.match(server.url, /^wss:/);
  await stage.connect({ rejectUnauthorized: false });
}

function rawSocketOf(client: JsonClient): NodeJS.WritableStream {
  return (client.socket as unknown as { _socket: NodeJS.WritableStream })._socket;
}

describe("every setting has an effect that can be seen", () => {
  for (const key of settingKeys) {
    test(key, async () => {
      await using stage = new ServerStage();
      await effects[key](stage);
    });
  }
});

test("a queue of the default size drops nothing where a small one does", async () => {
  await using stage = new ServerStage();
  await stage.start();
  assert.equal(await overflow(stage, 600_000), false);
});
