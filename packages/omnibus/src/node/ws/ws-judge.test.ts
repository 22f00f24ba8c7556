import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import { OmnibusError, type Slab, systemClock } from "../../base/index.ts";
import { createWebSocketDialer, type LinkReceiver, nativeSubprotocol } from "../../link/index.ts";
import { Inbox } from "../../testing/index.ts";
import { WebSocketConnection, type WebSocketEnd, type WebSocketOwner } from "./connection.ts";
import { PreparedFrame } from "./frame-writer.ts";
import { readUpgrade, refusalResponse, upgradeResponse } from "./handshake.ts";
import { WebSocketHost } from "./host.ts";
import { createNodeWebSocketDialer } from "./ws-dialer.ts";
import { WebSocketLink } from "./ws-link.ts";

/** A real server, whose connections echo or become links. The judge is the `ws` package. */
class EchoServer implements AsyncDisposable {
  readonly host: WebSocketHost = new WebSocketHost({ clock: systemClock });
  readonly connections: WebSocketConnection[] = [];
  readonly ends: Inbox<WebSocketEnd> = new Inbox<WebSocketEnd>();
  readonly links: WebSocketLink[] = [];
  readonly #http = createServer();
  readonly #sockets = new Set<Socket>();

  async listen(): Promise<string> {
    this.#http.on("connection", (socket: Socket) => this.#sockets.add(socket));
    this.#http.on("upgrade", (request, socket: Socket, head) => {
      const offer = readUpgrade(request);
      if ("status" in offer) {
        socket.end(refusalResponse(offer));
        return;
      }
      const isNative = offer.subprotocols.includes(nativeSubprotocol);
      const response = upgradeResponse(offer, isNative ? nativeSubprotocol : undefined);
      const connection = new WebSocketConnection(this.host, socket, response);
      this.connections.push(connection);
      if (isNative) {
        const link = new WebSocketLink(connection, { remote: "test", isEncrypted: false, head });
        this.links.push(link);
        link.open(echoOverLink(link));
      } else {
        connection.open(this.#echo(connection), head);
      }
    });
    this.#http.listen(0, "127.0.0.1");
    await once(this.#http, "listening");
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  #echo(connection: WebSocketConnection): WebSocketOwner {
    return {
      text: (text) => void connection.send(text),
      binary: (slab: Slab, start: number, end: number) =>
        void connection.send(slab.bytes.subarray(start, end)),
      drained: () => {},
      closed: this.ends.add,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

function echoOverLink(link: WebSocketLink): LinkReceiver {
  return {
    wantedBytes: 0,
    received(slab, start, end) {
      link.write([slab.bytes.slice(start, end)]);
      return end;
    },
    written: () => {},
    closed: () => {},
  };
}

async function echo(client: WebSocket, message: string | Buffer): Promise<unknown> {
  client.send(message);
  const [data, isBinary] = (await once(client, "message")) as [Buffer, boolean];
  return isBinary ? data : data.toString();
}

describe("the ws package as client", () => {
  test("text and bytes of many sizes come back as they were", async () => {
    await using server = new EchoServer();
    const client = new WebSocket(await server.listen());
    await once(client, "open");
    assert.equal(client.extensions, "");
    for (const size of [0, 1, 125, 126, 127, 4096, 65_535, 65_536, 200_000, 1_048_576]) {
      const bytes = Buffer.alloc(size, "payload of a size");
      assert.deepEqual(await echo(client, bytes), bytes);
      assert.equal(await echo(client, bytes.toString()), bytes.toString());
    }
    client.close(4000, "enough");
    const [code] = (await once(client, "close")) as [number];
    assert.equal(code, 4000);
  });

  test("fragments, pings between them and an empty last one", async () => {
    await using server = new EchoServer();
    const client = new WebSocket(await server.listen());
    await once(client, "open");
    client.send("one ", { fin: false });
    client.ping("in between");
    client.send("two", { fin: false });
    client.send("", { fin: true });
    const [[pong], [message]] = await Promise.all([once(client, "pong"), once(client, "message")]);
    assert.equal(String(pong), "in between");
    assert.equal(String(message), "one two");
    client.terminate();
  });

  test("a message over the limit is answered with 1009", async () => {
    await using server = new EchoServer();
    const client = new WebSocket(await server.listen());
    await once(client, "open");
    client.send(Buffer.alloc(1_048_577));
    const [code] = (await once(client, "close")) as [number];
    assert.equal(code, 1009);
  });

  test("our close is answered, and both sides agree on the code", async () => {
    await using server = new EchoServer();
    const client = new WebSocket(await server.listen());
    await once(client, "open");
    const closed = once(client, "close");
    server.connections[0]?.send("last words");
    server.connections[0]?.close(1001, "going");
    const [[message], [code, reason]] = await Promise.all([once(client, "message"), closed]);
    assert.equal(String(message), "last words");
    assert.equal(code, 1001);
    assert.equal(String(reason), "going");
  });

  test("a prepared frame reaches all, in order with what else is sent", async () => {
    await using server = new EchoServer();
    const url = await server.listen();
    const clients = Array.from({ length: 20 }, () => new WebSocket(url));
    await Promise.all(clients.map((client) => once(client, "open")));
    const got = clients.map((client) => {
      const texts: string[] = [];
      return new Promise<string[]>((resolve) => {
        client.on("message", (data: Buffer) => {
          if (texts.push(data.toString()) === 101) resolve(texts);
        });
      });
    });
    for (let n = 0; n < 100; n++) {
      const prepared = new PreparedFrame(`message ${n}`);
      for (const connection of server.connections) connection.send(prepared);
    }
    for (const connection of server.connections) connection.send("end");
    const expected = [...Array.from({ length: 100 }, (_, n) => `message ${n}`), "end"];
    for (const texts of await Promise.all(got)) assert.deepEqual(texts, expected);
    for (const client of clients) client.terminate();
  });

  test("a client that vanishes is closed with 1006", async () => {
    await using server = new EchoServer();
    const client = new WebSocket(await server.listen());
    await once(client, "open");
    await echo(client, "here");
    client.terminate();
    assert.equal((await server.ends.next()).code, 1006);
  });
});

test("a frame sent together with the upgrade request is read", async () => {
  await using server = new EchoServer();
  const port = Number(new URL(await server.listen()).port);
  const socket = connect(port, "127.0.0.1");
  const request =
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const frame = Buffer.from("818537fa213d7f9f4d5158", "hex");
  socket.write(Buffer.concat([Buffer.from(request), frame]));
  let answer = "";
  while (!answer.endsWith("\x81\x05Hello")) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    answer += chunk.toString("latin1");
  }
  assert.match(answer, /^HTTP\/1.1 101 Switching Protocols\r\n/);
  socket.destroy();
});

const dialers = [
  ["the platform's WebSocket client", createWebSocketDialer],
  ["Node's own WebSocket client", createNodeWebSocketDialer],
] as const;

for (const [name, createDialer] of dialers)
  describe(`${name} as a link`, () => {
    test("messages come back over both links, large ones too", async () => {
      await using server = new EchoServer();
      const url = new URL(await server.listen());
      const link = await createDialer().dial(url, {});
      const got: number[] = [];
      let told = (): void => {};
      const done = new Promise<void>((resolve) => (told = resolve));
      const sizes = [1, 3000, 70_000, 900_000, 5];
      let isClosed = false;
      link.open({
        wantedBytes: 0,
        received(slab, start, end) {
          assert.equal(slab.bytes[start], 7);
          got.push(end - start);
          if (got.length === sizes.length) link.close();
          return end;
        },
        written() {},
        closed(error) {
          assert.equal(error, undefined);
          assert.equal(isClosed, false);
          isClosed = true;
          told();
        },
      });
      for (const size of sizes) {
        const bytes = new Uint8Array(size).fill(7);
        link.write([bytes.subarray(0, 1), bytes.subarray(1)]);
      }
      await done;
      assert.deepEqual(got, sizes);
    });

    test("a server that does not speak the protocol is refused", async () => {
      await using server = new EchoServer();
      await server.listen();
      const dialer = createDialer();
      await assert.rejects(
        dialer.dial(new URL("ws://127.0.0.1:1"), {}),
        (error) => error instanceof OmnibusError && error.code === "connect-failed",
      );
    });

    test("a dial that is given up is `aborted`", async () => {
      const dialer = createDialer();
      await assert.rejects(
        dialer.dial(new URL("ws://127.0.0.1:1"), { signal: AbortSignal.abort() }),
        (error) => error instanceof OmnibusError && error.code === "aborted",
      );
    });
  });

test("our client against the ws package as server", async () => {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  server.on("connection", (socket) => {
    socket.ping("are you there");
    socket.on("pong", (payload: Buffer) => socket.send(payload));
    socket.on("message", (data: Buffer) => socket.send(data));
  });
  const { port } = server.address() as AddressInfo;
  const link = await createNodeWebSocketDialer().dial(new URL(`ws://127.0.0.1:${port}/`), {});
  const got = new Inbox<string>();
  const closed = new Inbox<OmnibusError | undefined>();
  link.open({
    wantedBytes: 0,
    received(slab, start, end) {
      got.add(Buffer.from(slab.bytes.subarray(start, end)).toString());
      return end;
    },
    written() {},
    closed: closed.add,
  });
  assert.equal(await got.next(), "are you there");
  for (const text of ["a", "b".repeat(126), "c".repeat(70_000)]) {
    link.write([Buffer.from(text)]);
    assert.equal(await got.next(), text);
  }
  link.close();
  assert.equal(await closed.next(), undefined);
  server.close();
});
