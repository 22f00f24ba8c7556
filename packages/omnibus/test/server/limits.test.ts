/**
 * Every limit of DESIGN 13.9, as who crosses it sees it: over JSON, and natively over TCP and WebSocket.
 * That each has a setting is in settings-effects.test.ts.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { describe, test } from "node:test";
import { createBus } from "../../src/bus/index.ts";
import { createWebSocketDialer } from "../../src/link/index.ts";
import { createNodeWebSocketDialer, tcpDialer } from "../../src/node/index.ts";
import type { SettingKey } from "../../src/server/index.ts";
import { controlRun, Inbox, joinBytes, utf8, varints } from "../../src/testing/index.ts";
import { runType } from "../../src/wire/index.ts";
import { publish, subscribe } from "./effect.ts";
import { interestRun, RawNative } from "./raw-native.ts";
import { ServerStage } from "./server-stage.ts";

const token = "a token that is long enough";
const credentials = { kind: "token", token } as const;
type Flags = Partial<Record<SettingKey, unknown>>;

/** The two ways in which the native protocol comes. */
const natives: readonly (readonly [string, (stage: ServerStage) => Promise<RawNative>])[] = [
  ["TCP", (stage) => RawNative.overTcp(stage.server.port, hostOf(stage))],
  ["WebSocket", (stage) => RawNative.overWebSocket(stage.server.url)],
];
const dialers = [
  ["tcp:", tcpDialer],
  ["ws:", createWebSocketDialer()],
  ["ws:", createNodeWebSocketDialer()],
] as const;

const hostOf = (stage: ServerStage): string => new URL(stage.server.url).hostname;

function starting(stage: ServerStage, flags: Flags = {}): Promise<unknown> {
  return stage.start({ "server.tokens": [token], ...flags });
}

async function entered(stage: ServerStage, way: (typeof natives)[number][1]): Promise<RawNative> {
  const native = await way(stage);
  assert.equal(await native.authenticate(credentials), "token:token-1");
  return native;
}

/** Every dialer's `openBus` is refused with that code and those words. */
async function assertRefused(stage: ServerStage, code: string, text: RegExp): Promise<void> {
  for (const [scheme, dialer] of dialers) {
    const connect = stage.server.url.replace("ws:", scheme);
    await assert.rejects(
      createBus({ connect, dialers: [dialer], credentials }),
      { code, message: text },
      scheme,
    );
  }
}

describe("connections in all", () => {
  const flags = { "broker.max_connections": 1 };

  test("one too many: JSON is closed with 1013, native with too-many, and openBus says so", async () => {
    await using stage = new ServerStage();
    await starting(stage, flags);
    const first = await stage.connect();
    const second = await stage.connect();
    assert.deepEqual(await second.closed, {
      code: 1013,
      reason: "the server has as many connections as it may have",
    });
    const raw = await RawNative.overTcp(stage.server.port);
    raw.hello();
    assert.equal((await raw.bye()).code, "too-many");
    await raw.closed;
    await assertRefused(stage, "too-many", /as many connections as it may have/);
    assert.equal(stage.server.connections, 1);
    first.socket.terminate();
    await first.closed;
    await stage.roundTrip();
    await using bus = await createBus({
      connect: stage.server.url,
      dialers: [createNodeWebSocketDialer()],
      credentials,
    });
    assert.equal(bus.stats.sessions, 1);
  });

  test("who is refused and does not hang up is cut", async () => {
    await using stage = new ServerStage();
    await starting(stage, flags);
    await stage.connect();
    const raw = await RawNative.overTcp(stage.server.port);
    raw.hello();
    await raw.bye();
    await stage.pass(3);
    await raw.closed;
  });
});

const outer = Object.values(networkInterfaces())
  .flat()
  .find((one) => one?.family === "IPv4" && !one.internal)?.address;

test("connections from one address: 4429, natively too-many", async (t) => {
  if (outer === undefined) return t.skip("needs a network address beyond loopback");
  await using stage = new ServerStage();
  await starting(stage, { "server.host": outer, "broker.max_connections_per_address": 1 });
  await stage.connect();
  const second = await stage.connect();
  assert.deepEqual(await second.closed, {
    code: 4429,
    reason: "too many connections from this address",
  });
  await assertRefused(stage, "too-many", /too many connections from this address/);
});

describe("message size", () => {
  test("JSON: too-big, closed with 1009", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const client = await stage.enter(token);
    client.say(publish("a", "x".repeat(1_048_576)));
    assert.equal((await client.closed).code, 1009);
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: too-big`, async () => {
      await using stage = new ServerStage();
      await starting(stage, { "broker.max_message_bytes": 1024 });
      const native = await entered(stage, way);
      // A frame of that length is announced, and would never have to be sent.
      native.sendBytes(joinBytes(Uint8Array.of(0), varints(1024 + 131_072 + 1)));
      assert.equal((await native.bye()).code, "too-big");
      await native.closed;
    });
  }

  test("native over WebSocket: a message of more than that is closed with 1009", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_message_bytes": 1024 });
    const native = await RawNative.overWebSocket(stage.server.url);
    await native.authenticate(credentials);
    native.sendBytes(new Uint8Array(1024 + 131_072 + 1));
    const [code, reason] = (await native.closed) as [number, Buffer];
    assert.deepEqual([code, String(reason)], [1009, "a message over 132096 bytes"]);
  });
});

describe("queues", () => {
  test("JSON: more behind an auth under way than the limit is overloaded, closed with 4409", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_message_bytes": 1024 });
    const client = await stage.connect();
    // One write, so that all of it is read before the answer to the first is there.
    const { _socket: raw } = client.socket as unknown as { _socket: Socket };
    const much = publish("a", "x".repeat(600));
    raw.cork();
    client.say({ type: "auth", token }, much, much);
    raw.uncork();
    assert.equal((await client.heard.next())["code"], "overloaded");
    assert.deepEqual(await client.closed, {
      code: 4409,
      reason: "too much sent before the answer to login or auth",
    });
    await stage.roundTrip();
    assert.equal(stage.server.connections, 0);
  });

  test("JSON: what is dropped at a full queue is told in missed, and the connection stays", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_queue_bytes": 65_536 });
    const reader = await stage.enter(token);
    await reader.ask(subscribe("a"));
    reader.socket.pause();
    let sent = 0;
    for (; (await stage.metric("json_dropped_total")) === 0; sent++) {
      stage.server.bus.publish("a", "x".repeat(60_000));
    }
    reader.socket.resume();
    // Its answer comes behind all that waits.
    reader.say(subscribe("b"));
    let heard = 0;
    while ((await reader.heard.next())["type"] !== "confirmed") heard++;
    stage.server.bus.publish("a", "last");
    const { payload, missed } = await reader.heard.next();
    assert.deepEqual([payload, missed], ["last", sent - heard]);
  });
});

describe("subscriptions", () => {
  test("JSON: too-many-subscriptions, and the connection stays", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_subscriptions": 2 });
    const client = await stage.enter(token);
    for (const topic of ["a", "b"]) await client.ask(subscribe(topic));
    assert.equal((await client.ask(subscribe("c")))["code"], "too-many-subscriptions");
    assert.equal((await client.ask(publish("a", 1)))["type"] === "error", false);
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: too-many, and the session stays`, async () => {
      await using stage = new ServerStage();
      await starting(stage, { "broker.max_subscriptions": 2 });
      const native = await entered(stage, way);
      native.send(...["a", "b", "c"].map((topic) => interestRun(topic)));
      const { name: refused, code } = await native.refusal();
      assert.deepEqual([refused, code], ["c", "too-many"]);
      await native.handled();
    });
  }
});

describe("names", () => {
  /** A pattern of 60 segments costs 20 kB. */
  const deep = (n: number): string => `${n}/${"*/".repeat(60)}a`;
  const flags = { "broker.max_name_bytes": 65_536 };

  test("JSON: too-many-subscriptions", async () => {
    await using stage = new ServerStage();
    await starting(stage, flags);
    const client = await stage.enter(token);
    for (const n of [1, 2, 3]) {
      assert.equal((await client.ask(subscribe(deep(n))))["type"], "confirmed");
    }
    assert.equal((await client.ask(subscribe(deep(4))))["code"], "too-many-subscriptions");
    await client.ask({ type: "unsubscribe", topic: deep(1), confirm: true });
    assert.equal((await client.ask(subscribe(deep(4))))["type"], "confirmed");
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: a refused subscription, and the end with too-many for topics`, async () => {
      await using stage = new ServerStage();
      await starting(stage, flags);
      const native = await entered(stage, way);
      native.send(...[1, 2, 3, 4].map((n) => interestRun(deep(n))));
      assert.deepEqual((await native.refusal()).code, "too-many");
      native.send(...[1, 2, 3].map((n) => interestRun(deep(n), false)));
      native.want(deep(4));
      await native.handled();
      native.send(
        ...Array.from({ length: 100 }, (_, n) => alias(n + 1, `t/${n}${"x".repeat(900)}`)),
      );
      assert.equal((await native.bye()).code, "too-many");
    });
  }

  test("native: new topics beyond all measure end the session with too-many", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_new_topics_per_sec": 1 });
    const native = await RawNative.overTcp(stage.server.port);
    await native.authenticate(credentials);
    native.send(...Array.from({ length: 16_390 }, (_, n) => alias(n + 1, String(n))));
    assert.equal((await native.bye()).code, "too-many");
  });

  test("JSON: new topics have the same pace, and another token does not start it anew", async () => {
    await using stage = new ServerStage();
    await starting(stage, { "broker.max_new_topics_per_sec": 1 });
    const client = await stage.enter(token);
    const publish = (topic: string): object => ({
      type: "publish",
      topic,
      payload: 1,
      confirm: true,
    });
    for (const n of [1, 2, 3, 4]) {
      assert.equal((await client.ask(publish(`t/${n}`)))["type"], "confirmed");
    }
    await client.ask({ type: "auth", token });
    assert.equal((await client.ask(publish("t/5")))["type"], "confirmed");
    client.say(publish("t/1"));
    const other = await stage.enter(token);
    assert.equal((await other.ask(publish("o/1")))["type"], "confirmed");
    await stage.roundTrip();
    assert.equal(client.heard.size, 0);
    await stage.pass(2);
    assert.equal((await client.heard.next())["type"], "confirmed");
  });

  const alias = (number: number, name: string): Uint8Array =>
    controlRun(runType.alias, joinBytes(varints(number), Uint8Array.of(0), utf8(name)));
});

describe("time to authenticate", () => {
  test("JSON: authentication-timeout, closed with 4408", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const client = await stage.connect();
    await stage.pass(9);
    assert.equal(client.heard.size, 0);
    await stage.pass(1);
    assert.equal((await client.heard.next())["code"], "authentication-timeout");
    assert.equal((await client.closed).code, 4408);
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: timeout, for who says nothing and for who only says hello`, async () => {
      await using stage = new ServerStage();
      await starting(stage);
      const native = await way(stage);
      native.hello();
      await stage.roundTrip();
      await stage.pass(11);
      const { code, text } = await native.bye();
      assert.deepEqual([code, text], ["timeout", "[timeout] the handshake took too long"]);
      await native.closed;
    });
  }
});

describe("time to say anything", () => {
  test("native: the time for the first byte and that to authenticate do not add up", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const native = await RawNative.overTcp(stage.server.port);
    await stage.roundTrip();
    await stage.pass(6);
    native.hello();
    await stage.roundTrip();
    await stage.pass(5);
    assert.equal((await native.bye()).code, "timeout");
    await native.closed;
  });
});

describe("one time for all of the opening", () => {
  /** The request for a WebSocket, said in pieces with 4 s between them. */
  async function slowly(stage: ServerStage, subprotocol: string) {
    const { port } = stage.server;
    const socket = connect(port, "127.0.0.1");
    const heard = new Inbox<string>();
    socket.on("error", () => {}).on("data", (data: Buffer) => heard.add(data.toString("latin1")));
    const pieces = [
      "",
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\n`,
      `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n${subprotocol}` +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    ];
    await once(socket, "connect");
    for (const piece of pieces) {
      await stage.pass(piece === "" ? 0 : 4);
      socket.write(piece);
      await stage.roundTrip();
    }
    assert.match(await heard.next(), /^HTTP\/1.1 101 /);
    return { heard, socket };
  }

  test("JSON: a slow first byte, slow headers and a slow auth had 30 s", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const { heard, socket } = await slowly(stage, "");
    await stage.pass(1);
    assert.equal(heard.size, 0);
    await stage.pass(1);
    assert.match(await heard.next(), /authentication-timeout/);
    socket.destroy();
  });

  test("native over WebSocket: a slow first byte, slow headers and a slow hello had 30 s", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const { heard, socket } = await slowly(stage, "Sec-WebSocket-Protocol: omnibus.v1\r\n");
    await stage.pass(3);
    assert.match(await heard.next(), /\[timeout\] the handshake took too long/);
    socket.destroy();
  });
});

describe("failed logins", () => {
  test("JSON: too-many-logins, closed with 4429, and no right password helps", async () => {
    await using stage = new ServerStage();
    await stage.start();
    const login = (password: string): object => ({ type: "login", username: "admin", password });
    const client = await stage.connect();
    for (let n = 0; n < 4; n++) {
      assert.equal((await client.ask(login("wrong")))["code"], "invalid-credentials");
    }
    client.say(login("wrong"));
    assert.equal((await client.closed).code, 4429);
    const next = await stage.connect();
    assert.equal((await next.ask(login("password")))["code"], "too-many-logins");
    assert.equal((await next.closed).code, 4429);
    await stage.pass(60);
    const later = await stage.connect();
    assert.equal((await later.ask(login("password")))["type"], "login_response");
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: not-authenticated five times, then too-many`, async () => {
      await using stage = new ServerStage();
      await stage.start();
      const attempt = async (password: string): Promise<string> =>
        await (await way(stage)).authenticate({ kind: "password", user: "admin", password });
      for (let n = 0; n < 5; n++) {
        assert.equal(await attempt("wrong"), "[not-authenticated] authentication failed");
      }
      assert.equal(await attempt("password"), "[too-many] too many failed logins; wait a minute");
      await stage.pass(60);
      assert.equal(await attempt("password"), "user:admin");
    });
  }
});

describe("silence", () => {
  test("JSON: a client that answers no ping is closed with 4408 after 75 s", async () => {
    await using stage = new ServerStage();
    await starting(stage);
    const client = await stage.connect({ autoPong: false });
    await client.ask({ type: "auth", token });
    await stage.pass(74);
    assert.equal(stage.server.connections, 1);
    await stage.pass(2);
    assert.deepEqual(await client.closed, { code: 4408, reason: "no answer to our pings" });
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: given up after 20 s`, async () => {
      await using stage = new ServerStage();
      await starting(stage);
      const native = await entered(stage, way);
      await stage.pass(19);
      assert.equal(stage.server.connections, 1);
      await stage.pass(3);
      await native.closed;
    });
  }
});
