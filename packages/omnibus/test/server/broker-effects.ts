import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import type { SettingKey } from "../../src/server/index.ts";
import { type Effect, maySubscribe, overflow, publish, subscribe } from "./effect.ts";
import { runType } from "../../src/wire/index.ts";
import { RawNative } from "./raw-native.ts";
import type { JsonClient, Said, ServerStage } from "./server-stage.ts";

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

const outerAddress = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

/** For each setting of the broker, what is seen when it is changed. The type makes the list complete. */
export const brokerEffects: Readonly<Record<Extract<SettingKey, `broker.${string}`>, Effect>> = {
  "broker.max_connections": async (stage) => {
    await stage.start({ "broker.max_connections": 1 });
    await stage.connect();
    assert.equal(await codeOf(await stage.connect()), 1013);
  },
  "broker.max_connections_per_address": async (stage) => {
    if (outerAddress === undefined) return "needs a network address beyond loopback";
    await stage.start({
      "server.host": outerAddress,
      "server.tokens": ["a token that is long enough"],
      "broker.max_connections_per_address": 1,
    });
    await stage.connect();
    assert.equal(await codeOf(await stage.connect()), 4429);
    return undefined;
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
  "broker.max_name_bytes": async (stage) => {
    await stage.start({ "broker.max_name_bytes": 65_536 });
    const client = await stage.enter();
    const pattern = (n: number): string => `${n}/${"*/".repeat(100)}a`;
    assert.equal(await maySubscribe(client, pattern(1)), true);
    const said = await client.ask(subscribe(pattern(2)));
    assert.equal(said["code"], "too-many-subscriptions");
  },
  "broker.max_new_topics_per_sec": async (stage) => {
    const { url } = await stage.start({ "broker.max_new_topics_per_sec": 1 });
    const bus = await stage.program(url);
    const heard = await stage.enter();
    await heard.ask(subscribe("**"));
    for (let n = 0; n < 5; n++) bus.publish(`t/${n}`, n);
    for (let n = 0; n < 5; n++) assert.equal((await heard.heard.next())["payload"], n);
    // The fifth was one too many: nothing more is read until it is paid for.
    bus.publish("t/0", "later");
    await stage.roundTrip();
    assert.equal(heard.heard.size, 0);
    await stage.pass(2);
    assert.equal((await heard.heard.next())["payload"], "later");
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
    assert.equal(await codeOf(client), 4408);
  },
  "broker.keep_alive_secs": async (stage) => {
    const { port } = await stage.start({ "broker.keep_alive_secs": 2 });
    const native = await RawNative.overTcp(port);
    await native.authenticate({ kind: "token", token: stage.localToken });
    await stage.pass(4);
    assert.equal((await native.heard.next()).type, runType.ping);
    await stage.pass(2);
    await native.closed;
  },
  "broker.stall_secs": async (stage) => {
    const { port, url } = await stage.start({ "broker.stall_secs": 2 });
    const stuck = await RawNative.overTcp(port);
    await stuck.authenticate({ kind: "token", token: stage.localToken });
    stuck.want("much");
    await stuck.handled();
    stuck.pause();
    const bus = await stage.program(url);
    const value = new Uint8Array(60_000);
    let isHeld = false;
    for (let n = 0; n < 1000 && !isHeld; n++) {
      isHeld = !bus.publish("much", value, { congestion: "wait" });
      await stage.roundTrip();
    }
    assert.equal(isHeld, true);
    const drained = bus.drained();
    await stage.pass(4);
    await drained;
    stuck.destroy();
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

function rawSocketOf(client: JsonClient): NodeJS.WritableStream {
  return (client.socket as unknown as { _socket: NodeJS.WritableStream })._socket;
}
