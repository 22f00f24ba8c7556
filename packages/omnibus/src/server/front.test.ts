import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { WebSocket } from "ws";
import { systemClock } from "../base/index.ts";
import { Inbox } from "../testing/index.ts";
import type { Conversation, ConversationHandler } from "../bus/index.ts";
import type { Link } from "../link/index.ts";
import { type Front, type FrontOptions, openFront } from "./front.ts";
import { Metrics } from "./metrics.ts";

/** A front whose JSON adapter echoes and whose native links are only noted. */
class Stage implements AsyncDisposable {
  readonly conversations: Conversation[] = [];
  readonly natives: Inbox<Link> = new Inbox<Link>();
  readonly metrics: Metrics = new Metrics();
  readonly closed: Inbox<Conversation> = new Inbox<Conversation>();
  readonly #links: Link[] = [];
  #front: Front | undefined;

  async open(options: Partial<FrontOptions> = {}): Promise<Front> {
    this.#front = await openFront({
      host: "127.0.0.1",
      port: 0,
      clock: systemClock,
      metrics: this.metrics,
      limits: { maxConnections: 100, maxPerAddress: 10 },
      allowedOrigins: [],
      webSocket: {},
      json: (conversation) => this.#converse(conversation),
      native: (link) => {
        this.#links.push(link);
        this.natives.add(link);
      },
      ...options,
    });
    return this.#front;
  }

  #converse(conversation: Conversation): ConversationHandler {
    this.conversations.push(conversation);
    return {
      text: (text) => void conversation.send(conversation.prepare(`echo ${text}`)),
      bytes: (bytes) => void conversation.send(bytes),
      drained: () => {},
      closed: () => this.closed.add(conversation),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const link of this.#links) link.destroy();
    this.#front?.destroy();
  }
}

async function request(
  front: Front,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string; headers: IncomingMessage["headers"] }> {
  const options = { host: "127.0.0.1", port: front.port, path, headers, agent: false };
  const [response] = (await once(get(options), "response")) as [IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, body, headers: response.headers };
}

async function opened(
  url: string,
  options: object = {},
  protocols: string[] = [],
): Promise<WebSocket> {
  const client = new WebSocket(url, protocols, options);
  await once(client, "open");
  return client;
}

/** The HTTP answer to an upgrade that is refused. */
async function refusalOf(
  url: string,
  options: object = {},
  protocols: string[] = [],
): Promise<{ status: number; body: string }> {
  const client = new WebSocket(url, protocols, options);
  client.on("error", () => {});
  const [, response] = (await once(client, "unexpected-response")) as [unknown, IncomingMessage];
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, body };
}

async function closeOf(client: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(client, "close")) as [number, Buffer];
  return { code, reason: reason.toString() };
}

describe("HTTP", () => {
  test("the pages that every server has", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    assert.deepEqual((await request(front, "/healthz")).body, "ok\n");
    assert.deepEqual((await request(front, "/readyz")).body, "ready\n");
    const metrics = await request(front, "/metrics");
    assert.match(metrics.body, /^omnibus_connections 0$/m);
    assert.match(String(metrics.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
    const page = await request(front, "/");
    assert.match(page.body, /<!doctype html>/i);
    assert.match(String(page.headers["content-security-policy"]), /default-src 'none'/);
    assert.equal((await request(front, "/nothing")).status, 404);
  });

  test("pipelined requests for metrics were all worked on, each with a text of its own", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    let read = 0;
    stage.metrics.show({ name: "read", help: "x", kind: "gauge", read: () => ++read });
    const ask = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const some = connect(front.port, "127.0.0.1");
    some.write(ask.repeat(30));
    let text = "";
    for await (const chunk of some.setEncoding("latin1")) text += String(chunk);
    const answers = text.match(/^HTTP\/1\.1 \d+/gm) ?? [];
    assert.deepEqual(answers, Array(20).fill("HTTP/1.1 200"));
    assert.match(text, /^Connection: close\r$/m);
    const many = connect(front.port, "127.0.0.1");
    many.on("error", () => {});
    many.write(ask.repeat(1400));
    await once(many.resume(), "close");
    assert.ok(read <= 10, `the text was made ${read} times`);
  });

  test("a connection that is kept serves one request after the other", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const seen: boolean[] = [];
    for (let n = 0; n < 5; n++) {
      const asked = get({ host: "127.0.0.1", port: front.port, path: "/metrics", agent });
      const [response] = (await once(asked, "response")) as [IncomingMessage];
      await once(response.resume(), "end");
      seen.push(asked.reusedSocket);
    }
    agent.destroy();
    assert.deepEqual(seen, [false, true, true, true, true]);
  });

  test("a Host header of another machine is refused on loopback", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    for (const host of ["evil.example", "evil.example:8080", "localhost.evil.example"]) {
      assert.equal((await request(front, "/", { host })).status, 403, host);
    }
    for (const host of ["localhost", "LOCALHOST:1", "app.localhost", "127.0.0.1:9", "[::1]:7"]) {
      assert.equal((await request(front, "/", { host })).status, 200, host);
    }
  });
});

describe("WebSocket", () => {
  test("any path is a conversation, with its path and address", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    const client = await opened(`${front.url}/any/path?query`);
    client.send("hi");
    const [answer] = (await once(client, "message")) as [Buffer];
    assert.equal(answer.toString(), "echo hi");
    const [conversation] = stage.conversations;
    assert.equal(conversation?.path, "/any/path");
    assert.equal(conversation?.remote, "127.0.0.1");
    assert.equal(conversation?.isLoopback, true);
    assert.equal(conversation?.origin, undefined);
    assert.equal(front.connections, 1);
    client.terminate();
  });

  test("omnibus.v1 is a native link", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    const client = await opened(front.url, {}, ["omnibus.v1"]);
    assert.equal(client.protocol, "omnibus.v1");
    assert.match((await stage.natives.next()).remote, /^127\.0\.0\.1:\d+$/);
    client.terminate();
  });

  test("our own page may connect, another one only if it is allowed", async () => {
    await using stage = new Stage();
    const front = await stage.open({ allowedOrigins: ["https://good.example"] });
    const own = await opened(front.url, { origin: `http://127.0.0.1:${front.port}` });
    const allowed = await opened(front.url, { origin: "https://good.example" });
    assert.deepEqual(
      stage.conversations.map(({ origin }) => origin),
      [undefined, "https://good.example"],
    );
    own.terminate();
    allowed.terminate();
    for (const origin of [
      "https://evil.example",
      "null",
      "http://127.0.0.1:1",
      `http://127.0.0.1.evil.example:${front.port}`,
    ]) {
      const refusal = await refusalOf(front.url, { origin });
      assert.equal(refusal.status, 403, origin);
      assert.ok(refusal.body.includes(origin) && refusal.body.includes("--allow-origin"), origin);
    }
  });

  test("a name that was made to point here is no own origin", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    const refusal = await refusalOf(front.url, {
      origin: `http://evil.example:${front.port}`,
      headers: { host: `evil.example:${front.port}` },
    });
    assert.equal(refusal.status, 403);
  });

  test("a proxy on this machine that keeps the Host was refused, and no setting helped", async () => {
    await using stage = new Stage();
    const front = await stage.open({ allowedOrigins: ["https://bus.example.com", "*"] });
    const origin = "https://bus.example.com";
    for (const host of ["bus.example.com", "BUS.example.com:443"]) {
      assert.equal((await request(front, "/healthz", { host })).status, 200, host);
      (await opened(front.url, { headers: { host }, origin })).terminate();
      (await opened(front.url, { headers: { host } })).terminate();
    }
    // They come from anywhere: none has what only this machine has.
    assert.deepEqual(
      stage.conversations.map((conversation) => conversation.origin),
      [origin, "http://bus.example.com", origin, "http://BUS.example.com:443"],
    );
    for (const host of ["evil.example", "example.com", "a.bus.example.com", "*"]) {
      const { status, body } = await request(front, "/", { host });
      assert.equal(status, 403, host);
      assert.ok(body.includes(`--allow-origin https://${host}`), body);
      const refusal = await refusalOf(front.url, { headers: { host }, origin: `http://${host}` });
      assert.equal(refusal.status, 403, host);
      assert.ok(refusal.body.includes("--allow-origin"), refusal.body);
    }
  });

  test("protocols of later versions are not taken for JSON", async () => {
    await using stage = new Stage();
    const front = await stage.open();
    assert.equal((await refusalOf(`${front.url}/ping/a`)).status, 404);
    assert.equal((await refusalOf(front.url, {}, ["mqtt"])).status, 404);
  });

  test("a server that is full closes with 1013, and takes the next when one left", async () => {
    await using stage = new Stage();
    const front = await stage.open({ limits: { maxConnections: 1, maxPerAddress: 10 } });
    const first = await opened(front.url);
    assert.equal((await closeOf(await opened(front.url))).code, 1013);
    first.terminate();
    await stage.closed.next();
    (await opened(front.url)).terminate();
    assert.match(await stage.metrics.text(), /refused_total\{reason="full"\} 1/);
  });
});

test("a native TCP connection is a link with its first bytes", async () => {
  await using stage = new Stage();
  const front = await stage.open();
  const socket: Socket = connect(front.port, "127.0.0.1");
  socket.write(Buffer.from([1, 2, 3]));
  const link = await stage.natives.next();
  const closed = new Inbox<unknown>();
  const bytes = await new Promise<string>((resolve) =>
    link.open({
      wantedBytes: 0,
      received(slab, start, end) {
        resolve(Buffer.from(slab.bytes.subarray(start, end)).toString("hex"));
        return end;
      },
      written() {},
      closed: closed.add,
    }),
  );
  assert.equal(bytes, "010203");
  assert.equal(front.connections, 1);
  socket.destroy();
  await closed.next();
  assert.equal(front.connections, 0);
});

test("draining sends what waits, says 1001, and takes nobody new", async () => {
  await using stage = new Stage();
  const front = await stage.open();
  const clients = await Promise.all([1, 2, 3].map(() => opened(front.url)));
  const heard = clients.map(async (client) => [
    await once(client, "message"),
    await closeOf(client),
  ]);
  for (const conversation of stage.conversations) conversation.send("the last");
  await front.drain();
  for (const [message, end] of await Promise.all(heard)) {
    assert.equal(String((message as unknown[])[0]), "the last");
    assert.deepEqual(end, { code: 1001, reason: "the server is shutting down" });
  }
  assert.equal(front.connections, 0);
  const late = connect(front.port, "127.0.0.1");
  const [error] = (await once(late, "error")) as [NodeJS.ErrnoException];
  assert.equal(error.code, "ECONNREFUSED");
});
