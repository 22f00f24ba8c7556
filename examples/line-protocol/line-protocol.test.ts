/** The lines over real sockets, on the bus of a real server: its users, its rights, its native clients. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { test } from "node:test";
import { type Bus, openBus } from "omnibus";
import { createLogger, loadSettings, type RunningServer, startServer } from "omnibus/server";
import { Inbox } from "omnibus/testing";
import { createLineAdapter } from "./line-adapter.ts";
import { type LineHost, openLineHost } from "./line-host.ts";

const writer = "a-token-that-may-do-everything";
const reader = "a-token-that-may-only-listen";

/** A server with a second port for lines. */
class Stage implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "omnibus-lines-"));
  readonly #sockets: Socket[] = [];
  readonly #buses: Bus[] = [];
  #server: RunningServer | undefined;
  #lines: LineHost | undefined;

  async start(): Promise<this> {
    const { settings } = loadSettings({
      flags: {
        "server.port": 0,
        "server.tokens": [
          { token: writer, name: "writer" },
          {
            token: reader,
            name: "reader",
            publish: ["!**"],
            subscribe: ["chat/**", "!chat/secret"],
          },
        ],
      },
      environment: {},
      folder: this.#folder,
    });
    const log = createLogger({ level: "silent", isPretty: false });
    const server = await startServer({ settings, dataFolder: join(this.#folder, "data"), log });
    this.#server = server;
    const adapter = createLineAdapter((credentials, from) => server.bus.enter(credentials, from));
    this.#lines = await openLineHost({ adapter, port: 0 });
    return this;
  }

  async native(): Promise<Bus> {
    const bus = await openBus({
      connect: `tcp://127.0.0.1:${this.#server?.port}`,
      credentials: { kind: "token", token: writer },
    });
    this.#buses.push(bus);
    return bus;
  }

  async client(token?: string): Promise<Client> {
    const socket = connect({ host: "127.0.0.1", port: this.#lines?.port ?? 0 });
    this.#sockets.push(socket);
    await once(socket, "connect");
    const client = new Client(socket);
    if (token !== undefined) assert.match(await client.ask(`HELLO ${token}`), /^OK /);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const bus of this.#buses) await bus.close();
    await this.#lines?.[Symbol.asyncDispose]();
    await this.#server?.close({ drainMs: 0 });
    rmSync(this.#folder, { recursive: true });
  }
}

class Client {
  readonly heard: Inbox<string> = new Inbox<string>();
  readonly closed: Promise<unknown>;
  readonly #socket: Socket;
  readonly #lines: Interface;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = once(socket, "close");
    this.#lines = createInterface({ input: socket }).on("line", this.heard.add);
  }

  say(...lines: string[]): void {
    this.#socket.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Says one line and returns the next that is heard. */
  ask(line: string): Promise<string> {
    this.say(line);
    return this.heard.next();
  }

  /** Does not read from its socket until `resume`. */
  pause(): void {
    this.#lines.pause();
  }

  resume(): void {
    this.#lines.resume();
  }

  /** Everything said so far was handled when this has come back. */
  async settled(): Promise<void> {
    assert.equal(await this.ask("SETTLED?"), "ERR unknown-command SETTLED?");
  }
}

test("lines reach a native subscriber, and its messages come as lines", async () => {
  await using stage = await new Stage().start();
  const bus = await stage.native();
  const ada = await stage.client(writer);
  const heard = new Inbox<[string, unknown]>();
  const subscription = bus.subscribe("chat/**", ({ topic, value }) => heard.add([topic, value]));
  await subscription.ready;

  ada.say("PUB chat/general hello, all of you");
  assert.deepEqual(await heard.next(), ["chat/general", "hello, all of you"]);

  ada.say("SUB log/*");
  await ada.settled();
  bus.publish("log/app", "started");
  bus.publish("log/my%20app", "blanks and percent signs");
  bus.publish("log/app", { level: 3, tags: ["a", "b"] });
  bus.publish("log/app", new Uint8Array(5));
  assert.equal(await ada.heard.next(), "MSG log/app started");
  assert.equal(await ada.heard.next(), "MSG log/my%2520app blanks and percent signs");
  assert.equal(await ada.heard.next(), 'MSG log/app {"level":3,"tags":["a","b"]}');
  assert.equal(await ada.heard.next(), "MSG log/app (5 bytes)");
});

test("a client hears itself, once however often it subscribes, and nothing after UNSUB", async () => {
  await using stage = await new Stage().start();
  const ada = await stage.client(writer);
  ada.say("SUB a/**", "SUB a/**", "PUB a/my%20topic one", "UNSUB a/**", "PUB a/b two");
  assert.equal(await ada.heard.next(), "MSG a/my%20topic one");
  await ada.settled();
});

test("permissions are those of the token", async () => {
  await using stage = await new Stage().start();
  const bob = await stage.client(reader);
  assert.match(await bob.ask("PUB chat/general hi"), /^ERR denied .*reader may not publish/);
  assert.match(await bob.ask("SUB log/**"), /^ERR denied /);
  bob.say("SUB chat/**");
  await bob.settled();
  const ada = await stage.client(writer);
  ada.say("PUB chat/secret not for bob", "PUB chat/general for bob");
  assert.equal(await bob.heard.next(), "MSG chat/general for bob");
});

test("who does not say a right HELLO first is told and let go", async () => {
  await using stage = await new Stage().start();
  for (const line of ["PUB a b", "HELLO", "HELLO wrong"]) {
    const client = await stage.client();
    assert.match(await client.ask(line), /^ERR not-authenticated /, line);
    await client.closed;
  }
});

test("wrong names and words are answered, and the conversation goes on", async () => {
  await using stage = await new Stage().start();
  const ada = await stage.client(writer);
  assert.match(await ada.ask("PUB /a hello"), /^ERR bad-topic /);
  assert.match(await ada.ask("SUB a//b"), /^ERR bad-topic /);
  assert.equal(await ada.ask("JUMP"), "ERR unknown-command JUMP");
});

test("lines behind HELLO wait for its answer, in whatever pieces they come", async () => {
  await using stage = await new Stage().start();
  const ada = await stage.client();
  ada.say(`HELLO ${writer}`, "SUB a/b", "PUB a/b first\r", "PUB a/b second");
  assert.equal(await ada.heard.next(), "OK token:writer");
  assert.equal(await ada.heard.next(), "MSG a/b first");
  assert.equal(await ada.heard.next(), "MSG a/b second");
});

test("a client that does not read loses messages, is told how many, and slows nobody", async () => {
  await using stage = await new Stage().start();
  const ada = await stage.client(writer);
  const slow = await stage.client(writer);
  slow.say("SUB flood", "SUB after");
  await slow.settled();
  slow.pause();
  const text = "x".repeat(60_000);
  const count = 400;
  for (let n = 0; n < count; n++) ada.say(`PUB flood ${n} ${text}`);
  ada.say("SUB after", "PUB after done");
  assert.equal(await ada.heard.next(), "MSG after done");
  slow.resume();
  let seen = 0;
  let missed = 0;
  while (seen + missed < count) {
    const [verb, first = ""] = (await slow.heard.next()).split(" ");
    if (verb === "MSG") seen++;
    else if (verb === "MISSED") missed += Number(first);
  }
  assert.ok(missed > 0, "nothing was missed");
});
