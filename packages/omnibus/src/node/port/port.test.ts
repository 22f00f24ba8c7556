import assert from "node:assert/strict";
import { once } from "node:events";
import {
  Agent,
  createServer as createHttpServer,
  get,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { get as getHttps } from "node:https";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { before, describe, test } from "node:test";
import { connect as connectTls } from "node:tls";
import { generate } from "selfsigned";
import { OmnibusError } from "../../base/index.ts";
import type { Timer } from "../../base/index.ts";
import { FakeClock, Inbox } from "../../testing/index.ts";
import { dismiss } from "./dismiss.ts";
import { openPort, type Port, type PortOptions } from "./port.ts";

/** Tells of every timer that is set: here the sign that a connection was accepted. */
class WatchedClock extends FakeClock {
  readonly timers: Inbox<number> = new Inbox<number>();

  override setTimer(delayMs: number, fire: () => void): Timer {
    this.timers.add(delayMs);
    return super.setTimer(delayMs, fire);
  }
}

class Site implements AsyncDisposable {
  readonly clock: WatchedClock = new WatchedClock();
  readonly natives: Inbox<{ bytes: string; isEncrypted: boolean }> = new Inbox();
  readonly acceptedMs: Inbox<number> = new Inbox<number>();
  readonly http: Server = createHttpServer((request, response) =>
    response.end(`page ${request.url}`),
  );
  #port: Port | undefined;

  async open(options: Partial<PortOptions> = {}): Promise<number> {
    this.#port = await openPort({
      host: "127.0.0.1",
      port: 0,
      clock: this.clock,
      http: this.http,
      native: (socket: Socket, { firstBytes, isEncrypted, acceptedMs }) => {
        this.natives.add({ bytes: firstBytes.toString("hex"), isEncrypted });
        this.acceptedMs.add(acceptedMs);
        socket.on("data", (more: Buffer) => socket.end(`again ${more.toString("hex")}`));
        socket.resume();
        return true;
      },
      ...options,
    });
    return this.#port.port;
  }

  close(): void {
    this.#port?.close();
  }

  upgraded(socket: Socket): void {
    this.#port?.upgraded(socket);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#port?.close();
    this.http.closeAllConnections();
    this.http.close();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return body;
}

async function allOf(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** Whether something came before the other side hung up. */
function answered(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("data", () => resolve(true)).once("close", () => resolve(false));
    socket.on("error", () => {});
  });
}

test("a first byte that is an upper-case letter is HTTP, also when it comes alone", async () => {
  await using site = new Site();
  const port = await site.open();
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.write("G");
  socket.write("ET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(await allOf(socket), /^HTTP\/1.1 200 OK\r\n[^]*page \/x/);
});

test("a connection that is kept alive serves several requests", async () => {
  await using site = new Site();
  const port = await site.open();
  for (const path of ["/a", "/b"]) {
    const [response] = (await once(get({ port, path, host: "127.0.0.1" }), "response")) as [
      IncomingMessage,
    ];
    assert.equal(await bodyOf(response), `page ${path}`);
  }
});

test("any other first byte is native, and no byte is lost", async () => {
  await using site = new Site();
  const port = await site.open();
  for (const first of [0x00, 0x01, 0x40, 0x5b, 0x61, 0xff]) {
    const socket = connect(port, "127.0.0.1");
    socket.write(Buffer.from([first, 7]));
    const bytes = Buffer.from([first, 7]).toString("hex");
    assert.deepEqual(await site.natives.next(), { bytes, isEncrypted: false });
    socket.write(Buffer.from([8, 9]));
    assert.equal(await allOf(socket), "again 0809");
  }
});

test("who says nothing for 10 s is cut", async () => {
  await using site = new Site();
  const port = await site.open();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  await site.clock.timers.next();
  site.clock.advance(9999);
  assert.equal(site.clock.pendingTimers, 1);
  site.clock.advance(1);
  await once(socket.resume(), "close");
  assert.equal(site.clock.pendingTimers, 0);
});

test("the time for HTTP headers began anew with the first byte", async () => {
  await using site = new Site();
  const port = await site.open();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  await site.clock.timers.next();
  site.clock.advance(9000);
  socket.write("GET / HTTP/1.1\r\n");
  await once(site.http, "connection");
  site.clock.advance(999);
  assert.equal(site.clock.pendingTimers, 1);
  site.clock.advance(1);
  assert.match(await allOf(socket), /^HTTP\/1.1 408 /);
  assert.equal(site.clock.pendingTimers, 0);
});

test("a connection that has asked for a page is not cut by the time for the first request", async () => {
  await using site = new Site();
  const port = await site.open();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const pages: string[] = [];
  for (const path of ["/a", "/b"]) {
    const request = get({ port, path, host: "127.0.0.1", agent });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    pages.push(await bodyOf(response), String(request.reusedSocket));
    site.clock.advance(60_000);
  }
  assert.deepEqual(pages, ["page /a", "false", "page /b", "true"]);
  agent.destroy();
});

test("closing cuts who has said nothing", async () => {
  await using site = new Site();
  const port = await site.open();
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  await site.clock.timers.next();
  site.close();
  await once(socket.resume(), "close");
});

test("more connections than may be undecided are refused", async () => {
  await using site = new Site();
  const port = await site.open({ maxUndecided: 1 });
  const first = connect(port, "127.0.0.1");
  await once(first, "connect");
  await site.clock.timers.next();
  const second = connect(port, "127.0.0.1");
  second.on("error", () => {});
  await once(second.resume(), "close");
  first.destroy();
});

test("one address had all places, and everybody else was cut without a word", async () => {
  await using site = new Site();
  const refused: string[] = [];
  const port = await site.open({
    maxUndecided: 4,
    maxUndecidedPerAddress: 2,
    countedAs: (address) => (address === "127.0.0.3" ? undefined : address),
    onNoPlace: (why) => refused.push(why),
  });
  const open: Socket[] = [];
  const accepteds: Socket[] = [];
  site.http.on("connection", (socket: Socket) => accepteds.push(socket));
  const come = async (localAddress: string): Promise<boolean> => {
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    open.push(socket);
    socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    return await answered(socket);
  };
  assert.deepEqual([await come("127.0.0.1"), await come("127.0.0.1")], [true, true]);
  assert.equal(await come("127.0.0.1"), false);
  assert.equal(await come("127.0.0.2"), true);
  assert.equal(await come("127.0.0.3"), true);
  assert.equal(await come("127.0.0.3"), false);
  assert.deepEqual(refused, ["too-many", "full"]);
  const [first] = open;
  const [accepted] = accepteds;
  const gone = once(accepted as Socket, "close");
  first?.destroy();
  await gone;
  assert.equal(await come("127.0.0.1"), true, "a place is free again");
  for (const socket of open) socket.destroy();
});

test("a native connection that is dismissed had no place while it lingered", async () => {
  await using site = new Site();
  let isFull = true;
  const port = await site.open({
    maxUndecided: 1,
    native: (socket) => {
      site.natives.add({ bytes: "", isEncrypted: false });
      if (isFull) dismiss(socket, "no", site.clock);
      else socket.end("yes");
      return !isFull;
    },
  });
  const first = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  first.write("n");
  await site.natives.next();
  const second = connect(port, "127.0.0.1");
  second.on("error", () => {});
  await once(second.resume(), "close");
  assert.equal(site.natives.size, 0);
  isFull = false;
  const closed = once(first, "close");
  first.resume().end();
  await closed;
  const third = connect(port, "127.0.0.1");
  third.write("n");
  assert.equal(await allOf(third), "yes");
});

test("who never reads the answers stayed for ever", async () => {
  await using site = new Site();
  const body = Buffer.alloc(64 * 1024 * 1024);
  site.http.removeAllListeners("request").on("request", (_request, response) => response.end(body));
  const port = await site.open();
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(3));
  const [, response] = (await once(site.http, "request")) as [unknown, ServerResponse];
  const closed = once(response, "close");
  site.clock.advance(29_999);
  assert.equal(site.clock.pendingTimers, 1);
  site.clock.advance(1);
  await closed;
  assert.equal(response.writableFinished, false);
  socket.destroy();
});

test("a port in use is one sentence", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await using site = new Site();
  await assert.rejects(site.open({ port }), (error) => {
    assert.ok(error instanceof OmnibusError);
    assert.equal(error.code, "connect-failed");
    assert.match(error.message, new RegExp(`port ${port} on 127.0.0.1 is used by another program`));
    return true;
  });
  other.close();
});

test("an address of another machine is one sentence", async () => {
  await using site = new Site();
  await assert.rejects(site.open({ host: "192.0.2.1" }), /not an address of this machine/);
});

describe("with a certificate", () => {
  let tls: { cert: string; key: string };
  before(async () => {
    const pems = await generate([{ name: "commonName", value: "localhost" }], {
      algorithm: "sha256",
    });
    tls = { cert: pems.cert, key: pems.private };
  });

  test("HTTP and the native protocol are served inside TLS", async () => {
    await using site = new Site();
    const port = await site.open({ tls });
    const request = getHttps({
      port,
      host: "127.0.0.1",
      path: "/s",
      ca: tls.cert,
      rejectUnauthorized: false,
      agent: false,
    });
    const [response] = (await once(request, "response")) as [IncomingMessage];
    assert.equal(await bodyOf(response), "page /s");
    const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.write(Buffer.from([1, 2]));
    assert.deepEqual(await site.natives.next(), { bytes: "0102", isEncrypted: true });
    socket.write(Buffer.from([3]));
    assert.equal(await allOf(socket), "again 03");
  });

  test("inside TLS the time to say something does not begin anew", async () => {
    await using site = new Site();
    const port = await site.open({ tls });
    const startMs = site.clock.nowMs();
    const tcp = connect(port, "127.0.0.1");
    await site.clock.timers.next();
    site.clock.advance(6000);
    const socket = connectTls({ socket: tcp, rejectUnauthorized: false });
    await once(socket, "secureConnect");
    socket.write(Buffer.from([1]));
    await site.natives.next();
    assert.equal(await site.acceptedMs.next(), startMs);
    socket.destroy();
  });

  test("the time for a TLS handshake began anew with the first byte", async () => {
    await using site = new Site();
    const port = await site.open({ tls });
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    await site.clock.timers.next();
    site.clock.advance(9000);
    // The beginning of a hello, and no more.
    socket.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3));
    // Who comes later and is through shows that it was read.
    const later = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
    later.write(Buffer.from([1]));
    await site.natives.next();
    site.clock.advance(999);
    assert.equal(site.clock.pendingTimers, 1);
    site.clock.advance(1);
    await once(socket.resume(), "close");
    assert.equal(site.clock.pendingTimers, 0);
    later.destroy();
  });

  test("without TLS nothing is served", async () => {
    await using site = new Site();
    const port = await site.open({ tls });
    const plain = connect(port, "127.0.0.1");
    plain.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.match(await allOf(plain), /^HTTP\/1.1 400 [^]*use https: or wss:\n$/);
    const native = connect(port, "127.0.0.1");
    native.write(Buffer.from([1, 2]));
    assert.equal(await allOf(native), "");
    assert.equal(site.natives.size, 0);
  });

  test("who spoke without TLS and kept its side open stayed for ever", async () => {
    await using site = new Site();
    const port = await site.open({ tls });
    for (const first of ["G", "\u0001"]) {
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      socket.write(first);
      await once(socket.resume(), "end");
      assert.equal(site.clock.pendingTimers, 1);
      site.clock.advance(2000);
      // What is sent to who has closed is answered by a reset.
      await new Promise<void>((resolve) => {
        const write = (): boolean => socket.write("more", (error) => (error ? resolve() : write()));
        socket.on("error", () => {});
        write();
      });
      assert.equal(site.clock.pendingTimers, 0);
    }
  });

  test("connections in their TLS handshake were without number", async () => {
    await using site = new Site();
    const port = await site.open({ tls, maxUndecided: 1 });
    const slow = connect(port, "127.0.0.1");
    await once(slow, "connect");
    await site.clock.timers.next();
    // The beginning of a hello, and no more.
    slow.write(Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3));
    // The timer of its first byte ends with the byte, that of its handshake begins.
    await site.clock.timers.next();
    const next = connect(port, "127.0.0.1");
    next.on("error", () => {});
    await once(next.resume(), "close");
    slow.destroy();
  });

  test("a WebSocket in TLS kept the place of an HTTP connection", async () => {
    await using site = new Site();
    site.http.on("upgrade", (_request, socket: Socket) => {
      site.upgraded(socket);
      socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
    });
    const port = await site.open({ tls, maxUndecided: 1 });
    const open: Socket[] = [];
    for (let n = 0; n < 3; n++) {
      const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
      open.push(socket);
      socket.write(
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      );
      const [answer] = (await once(socket, "data")) as [Buffer];
      assert.match(answer.toString(), / 101 /);
    }
    for (const socket of open) socket.destroy();
  });

  test("a certificate that is none is a bad setting", async () => {
    await using site = new Site();
    await assert.rejects(site.open({ tls: { cert: "no", key: "no" } }), (error) => {
      return error instanceof OmnibusError && error.code === "bad-config";
    });
  });
});
