import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WebSocket } from "ws";
import { readLocalToken } from "./config/local-token.ts";
import { loadSettings } from "./config/load-settings.ts";
import type { SettingKey } from "./config/settings.ts";
import { createLogger } from "./logger.ts";
import type { RunningServer } from "./running-server.ts";
import { startServer } from "./start-server.ts";

class Home implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "omnibus-server-"));

  start(flags: Partial<Record<SettingKey, unknown>> = {}): Promise<RunningServer> {
    const { settings } = loadSettings({
      flags: { "server.port": 0, "server.log_level": "silent", ...flags },
      environment: {},
      folder: this.path,
    });
    return startServer({
      settings,
      dataFolder: join(this.path, "data"),
      log: createLogger({ level: "silent", isPretty: false }),
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** A JSON client that keeps what it hears. */
class Client {
  readonly #socket: WebSocket;
  readonly #heard: unknown[] = [];
  #wake = (): void => {};

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.on("message", (data: Buffer) => {
      this.#heard.push(JSON.parse(data.toString()));
      this.#wake();
    });
  }

  async say(...messages: object[]): Promise<void> {
    if (this.#socket.readyState === WebSocket.CONNECTING) await once(this.#socket, "open");
    for (const message of messages) this.#socket.send(JSON.stringify(message));
  }

  async hear(): Promise<Record<string, unknown>> {
    while (this.#heard.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#heard.shift() as Record<string, unknown>;
  }

  closed(): Promise<unknown[]> {
    return once(this.#socket, "close");
  }
}

test("a newcomer's session: log in, subscribe, publish, replay, and the end of the server", async () => {
  using home = new Home();
  const server = await home.start();
  assert.match(server.url, /^ws:\/\/127\.0\.0\.1:\d+$/);
  const ada = new Client(server.url);
  await ada.say({ type: "login", username: "admin", password: "password" });
  const { type, token } = await ada.hear();
  assert.equal(type, "login_response");
  await ada.say({ type: "auth", token });
  assert.equal((await ada.hear())["status"], "authenticated");
  await ada.say({ type: "subscribe", topic: "chat" });
  await ada.say({ type: "publish", topic: "chat", payload: { text: "hi" } });
  const message = await ada.hear();
  assert.deepEqual(message["payload"], { text: "hi" });

  const bob = new Client(server.url);
  await bob.say({ type: "auth", token }, { type: "subscribe", topic: "chat" });
  assert.equal((await bob.hear())["type"], "authenticated");
  assert.equal((await bob.hear())["message_id"], message["message_id"]);

  const ends = [ada.closed(), bob.closed()];
  await server.close();
  for (const [code] of await Promise.all(ends)) assert.equal(code, 1001);
});

test("messages cross between JSON clients and the bus", async () => {
  using home = new Home();
  await using server = await home.start();
  const got = new Promise<unknown>((resolve) => {
    server.bus.subscribe("from/json", (message) => resolve(message.value));
  });
  const token = readLocalToken(server.dataFolder, server.port);
  const client = new Client(server.url);
  await client.say({ type: "auth", token }, { type: "subscribe", topic: "from/bus" });
  assert.equal((await client.hear())["type"], "authenticated");
  await client.say({ type: "publish", topic: "from/json", payload: [1, "two"] });
  assert.deepEqual(await got, [1, "two"]);
  server.bus.publish("from/bus", { n: 5n });
  assert.deepEqual((await client.hear())["payload"], { n: "5" });
});

test("the local token lives as long as the server", async () => {
  using home = new Home();
  const server = await home.start();
  const token = readLocalToken(server.dataFolder, server.port);
  assert.equal(token?.length, 43);
  await server.close();
  assert.deepEqual(readdirSync(server.dataFolder), ["jwt-secret"]);
});

test("a server that cannot start says why and leaves nothing behind", async () => {
  using home = new Home();
  await using first = await home.start();
  await assert.rejects(home.start({ "server.port": first.port }), /is used by another program/);
  await assert.rejects(home.start({ "server.host": "0.0.0.0" }), /needs server\.users/);
  await assert.rejects(home.start({ "server.jwt_secret": "default_secret" }), /default_secret/);
  await assert.rejects(home.start({ "server.tls_cert": "/none.pem" }), /go together/);
});

test("a server that could not write its local token said why, and went on serving", async () => {
  using home = new Home();
  const port = await freePort();
  // A folder in the place of the token's file: nobody can write that, not even root.
  mkdirSync(join(home.path, "data", `local-token-${port}`), { recursive: true });
  const secret = "a secret that is long enough to sign";
  const start = home.start({ "server.port": port, "server.jwt_secret": secret });
  await assert.rejects(start, /local-token-\d+ cannot be read or written/);
  const late = connect(port, "127.0.0.1");
  const found = await new Promise<string | undefined>((resolve) => {
    late.once("connect", () => resolve("a server that listens"));
    late.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  late.destroy();
  assert.equal(found, "ECONNREFUSED");
  assert.deepEqual(readdirSync(join(home.path, "data")), [`local-token-${port}`]);
});

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, "close");
  return port;
}
