import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { type Bus, createBus } from "../../src/bus/index.ts";
import { createNodeWebSocketDialer } from "../../src/node/index.ts";
import { FakeClock, Inbox } from "../../src/testing/index.ts";
import {
  createLogger,
  loadSettings,
  readLocalToken,
  type RunningServer,
  type SettingKey,
  startServer,
  systemClock,
} from "../../src/server/index.ts";

/** Time stands still, but the ends of ticks come by themselves, as sockets need it. */
export class TickingClock extends FakeClock {
  override atTickEnd(fire: () => void): void {
    systemClock.atTickEnd(fire);
  }

  override soon(fire: () => void): void {
    systemClock.soon(fire);
  }
}

export type Said = Record<string, unknown>;

/** A plain WebSocket client that speaks JSON and keeps what it hears. */
export class JsonClient {
  readonly socket: WebSocket;
  readonly heard: Inbox<Said> = new Inbox<Said>();
  readonly closed: Promise<{ code: number; reason: string }>;

  constructor(url: string, options: object = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on("error", () => {});
    this.socket.on("message", (data: Buffer) =>
      this.heard.add(JSON.parse(data.toString()) as Said),
    );
    this.closed = once(this.socket, "close").then(([code, reason]: unknown[]) => ({
      code: code as number,
      reason: String(reason),
    }));
  }

  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.CONNECTING) await once(this.socket, "open");
    return this;
  }

  say(...messages: object[]): void {
    for (const message of messages) this.socket.send(JSON.stringify(message));
  }

  /** Says one thing and returns what is heard next. */
  ask(message: object): Promise<Said> {
    this.say(message);
    return this.heard.next();
  }
}

/** A server with a folder of its own, a clock that stands still, and its clients. */
export class ServerStage implements AsyncDisposable {
  readonly clock: TickingClock = new TickingClock();
  readonly folder: string = mkdtempSync(join(tmpdir(), "omnibus-stage-"));
  readonly #clients: JsonClient[] = [];
  readonly #programs: Bus[] = [];
  #server: RunningServer | undefined;

  get server(): RunningServer {
    if (this.#server === undefined) throw new Error("start the server first");
    return this.#server;
  }

  async start(flags: Partial<Record<SettingKey, unknown>> = {}): Promise<RunningServer> {
    const { settings } = loadSettings({
      flags: { "server.port": 0, "server.log_level": "silent", ...flags },
      environment: {},
      folder: this.folder,
    });
    const log = createLogger({ level: settings["server.log_level"], isPretty: false });
    const dataFolder = join(this.folder, "data");
    this.#server = await startServer({ settings, dataFolder, log, clock: this.clock });
    return this.#server;
  }

  /** A connected client that has not said who it is. */
  connect(options: object = {}): Promise<JsonClient> {
    const client = new JsonClient(this.server.url, options);
    this.#clients.push(client);
    return client.opened();
  }

  /** A client that may do everything. */
  async enter(token: string = this.localToken): Promise<JsonClient> {
    const client = await this.connect();
    await client.ask({ type: "auth", token });
    return client;
  }

  /** A program that may do everything, over a WebSocket. */
  async program(url: string): Promise<Bus> {
    const credentials = { kind: "token", token: this.localToken } as const;
    const bus = await createBus({
      connect: url,
      dialers: [createNodeWebSocketDialer()],
      strict: false,
      credentials,
    });
    this.#programs.push(bus);
    return bus;
  }

  get localToken(): string {
    return readLocalToken(this.server.dataFolder, this.server.port) ?? "";
  }

  /** Lets `seconds` go by, one by one, with what happens in between. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      this.clock.advance(Math.min(1, seconds - second) * 1000);
      await this.roundTrip();
    }
  }

  /** Returns when all that sockets of this process had to say has been heard. */
  async roundTrip(): Promise<void> {
    await fetch(`${this.server.pageUrl}healthz`).then((response) => response.text());
  }

  async metric(name: string): Promise<number> {
    const text = await fetch(`${this.server.pageUrl}metrics`).then((response) => response.text());
    const line = new RegExp(`^omnibus_${name}(?:\\{[^}]*\\})? (\\S+)$`, "m").exec(text);
    return Number(line?.[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.#clients) socket.terminate();
    for (const bus of this.#programs) await bus.close({ flushMs: 0 });
    await this.#server?.close({ drainMs: 0 });
    rmSync(this.folder, { recursive: true });
  }
}
