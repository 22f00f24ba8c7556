/**
 * [Must show] Every exchange of the seed's description, from a page, by the browser's own WebSocket,
 * against `npm start` as a newcomer runs it.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { cleanEnvironment } from "../launcher/machine.ts";
import { Program } from "../launcher/program.ts";
import { Chromium, withoutChromium } from "./chromium.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const skip = withoutChromium;

type Message = Readonly<Record<string, unknown>>;

declare global {
  interface Window {
    /** Opens a socket; what it hears, and how it ends, waits in `heard`. */
    dial(): Promise<void>;
    socket: WebSocket;
    heard: () => Promise<string>;
  }
}

/** The page's side: nothing but the browser's API. */
function prepare(): void {
  window.dial = (): Promise<void> =>
    new Promise((opened) => {
      const kept: string[] = [];
      const waiting: ((text: string) => void)[] = [];
      const hear = (text: string): void => {
        const next = waiting.shift();
        if (next === undefined) kept.push(text);
        else next(text);
      };
      window.heard = (): Promise<string> => {
        const text = kept.shift();
        return text === undefined
          ? new Promise((next) => waiting.push(next))
          : Promise.resolve(text);
      };
      window.socket = new WebSocket(location.origin.replace("http", "ws"));
      window.socket.onopen = (): void => opened();
      window.socket.onmessage = ({ data }): void => hear(String(data));
      window.socket.onclose = ({ code }): void => hear(`{"closed":${code}}`);
    });
}

/** One tab and its connection. */
class Tab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  static async open(page: Page): Promise<Tab> {
    await page.evaluate(prepare);
    await page.evaluate(() => window.dial());
    return new Tab(page);
  }

  async say(message: object): Promise<void> {
    await this.page.evaluate((text) => window.socket.send(text), JSON.stringify(message));
  }

  async text(): Promise<string> {
    return await this.page.evaluate(() => window.heard());
  }

  async hear(): Promise<Message> {
    return JSON.parse(await this.text()) as Message;
  }

  /** The seed's way in: login, then auth with the token. */
  async logIn(): Promise<void> {
    await this.say({ type: "login", username: "admin", password: "password" });
    const { type, token } = await this.hear();
    assert.equal(type, "login_response");
    await this.say({ type: "auth", token });
    assert.equal(await this.text(), `{"type":"authenticated","status":"authenticated"}`);
  }

  /** With its confirmation, so that all of it has happened. */
  async subscribe(topic: string): Promise<void> {
    await this.say({ type: "subscribe", topic, confirm: true });
    assert.equal((await this.hear())["type"], "confirmed");
  }
}

const home = mkdtempSync(join(tmpdir(), "omnibus-popsub-"));
let url: string;
let server: Program;
let chromium: Chromium;

before(async () => {
  if (skip !== false) return;
  const env = cleanEnvironment({ OMNIBUS_DATA: join(home, "data") });
  server = new Program("npm", ["start", "--", "--port", "0"], { cwd: ROOT, env });
  const [, port] = await server.sees(/WebSocket server listening on ws:\/\/127\.0\.0\.1:(\d+)/);
  url = `http://127.0.0.1:${port}/`;
  chromium = await Chromium.start();
});

after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  rmSync(home, { recursive: true });
});

async function oneTab(): Promise<Tab> {
  return await Tab.open(await chromium.page(url));
}

/** Both tabs of the seed's walk, logged in. */
async function twoTabs(): Promise<[Tab, Tab]> {
  const [first, second] = await chromium.tabs(url);
  const tabs = [await Tab.open(first), await Tab.open(second)] as [Tab, Tab];
  for (const tab of tabs) await tab.logIn();
  return tabs;
}

test(
  "login answers with a token of three parts, and auth with it with both forms",
  { skip },
  async () => {
    const tab = await oneTab();
    await tab.say({ type: "login", username: "admin", password: "password" });
    const reply = await tab.hear();
    assert.deepEqual(Object.keys(reply), ["type", "token"]);
    const claims = String(reply["token"]).split(".")[1] ?? "";
    const { sub, exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as Message;
    assert.equal(sub, "admin");
    const hours = (Number(exp) - Date.now() / 1000) / 3600;
    assert.ok(hours > 23.9 && hours <= 24, `valid for ${hours} hours`);
    await tab.say({ type: "auth", token: reply["token"] });
    assert.equal(await tab.text(), `{"type":"authenticated","status":"authenticated"}`);
  },
);

test(
  "a wrong login is answered and the connection stays; a wrong token closes it",
  { skip },
  async () => {
    const tab = await oneTab();
    await tab.say({ type: "login", username: "admin", password: "wrong" });
    assert.equal((await tab.hear())["error"], "invalid credentials");
    await tab.say({ type: "auth", token: "your_secret_token" });
    const { type, message, error } = await tab.hear();
    const failed = "authentication failed";
    assert.deepEqual({ type, message, error }, { type: "error", message: failed, error: failed });
    assert.deepEqual(await tab.hear(), { closed: 4401 });
  },
);

test("whoever subscribes before auth is told so, and the connection closes", { skip }, async () => {
  const tab = await oneTab();
  await tab.say({ type: "subscribe", topic: "chat" });
  assert.equal((await tab.hear())["error"], "must authenticate first");
  assert.deepEqual(await tab.hear(), { closed: 4401 });
});

test(
  "two tabs: what one publishes both see, in the seed's shape, until they unsubscribe",
  { skip },
  async () => {
    const [first, second] = await twoTabs();
    for (const tab of [first, second]) await tab.subscribe("chat");
    const before = Date.now();
    await first.say({ type: "publish", topic: "chat", payload: "Hello from Tab 1!" });
    const text = await second.text();
    assert.equal(await first.text(), text, "the publisher is subscribed, too");
    const message = JSON.parse(text) as Message;
    assert.deepEqual(Object.keys(message), ["topic", "payload", "timestamp", "message_id", "qos"]);
    const { topic, payload, timestamp, message_id: id, qos } = message;
    assert.deepEqual(
      { topic, payload, qos },
      { topic: "chat", payload: "Hello from Tab 1!", qos: 0 },
    );
    assert.ok(Number(timestamp) >= before && Number(timestamp) <= Date.now());
    assert.match(String(id), /^[0-9a-f-]{36}$/);

    await second.say({ type: "unsubscribe", topic: "chat" });
    await second.say({ type: "publish", topic: "chat", payload: "unseen", confirm: true });
    assert.deepEqual((await second.hear())["command"], "publish");
    assert.equal((await first.hear())["payload"], "unseen");
  },
);

test(
  "QoS 1 is sent again after 5 s until it is acknowledged, and not after that",
  { skip },
  async () => {
    const [first, second] = await twoTabs();
    const topic = "my_critical_topic";
    await second.subscribe(topic);
    const publish = { type: "publish", topic, payload: "Important message!", qos: 1 };
    await first.say({ ...publish, message_id: "some_unique_message_id_123" });
    const sent = await second.hear();
    assert.deepEqual(Object.keys(sent), ["topic", "payload", "timestamp", "message_id", "qos"]);
    assert.deepEqual([sent["message_id"], sent["qos"]], ["some_unique_message_id_123", 1]);
    const seen = performance.now();
    assert.deepEqual(await second.hear(), { ...sent, redelivered: true });
    const waited = performance.now() - seen;
    assert.ok(waited > 4500, `sent again after ${waited} ms`);

    await second.say({ type: "ack", message_id: sent["message_id"], confirm: true });
    assert.equal((await second.hear())["type"], "confirmed");
    await second.say({ type: "ack", message_id: sent["message_id"] });
    assert.equal((await second.hear())["code"], "unknown-message", "nothing waits any more");
    // One that is not acknowledged marks the next 5 s: the other one does not come again in them.
    await first.say({ ...publish, message_id: "second" });
    assert.equal((await second.hear())["message_id"], "second");
    assert.deepEqual((await second.hear())["message_id"], "second");
  },
);

test(
  "who reloads the page and subscribes again gets the messages, also those in between",
  { skip },
  async () => {
    const [first, second] = await twoTabs();
    await second.subscribe("news");
    const ids: unknown[] = [];
    for (const payload of ["one", "two", "three"]) {
      await first.say({ type: "publish", topic: "news", payload });
      ids.push((await second.hear())["message_id"]);
    }
    await second.page.reload();
    await first.say({ type: "publish", topic: "news", payload: "four", confirm: true });
    await first.hear();
    const again = await Tab.open(second.page);
    await again.logIn();
    await again.say({ type: "subscribe", topic: "news" });
    const replayed: Message[] = [];
    for (let count = 0; count < 4; count++) replayed.push(await again.hear());
    assert.deepEqual(
      replayed.map(({ payload }) => payload),
      ["one", "two", "three", "four"],
    );
    assert.deepEqual(
      replayed.slice(0, 3).map((message) => message["message_id"]),
      ids,
    );
  },
);

test("no more than the last ten are replayed", { skip }, async () => {
  const [first, second] = await twoTabs();
  for (let number = 1; number <= 12; number++) {
    await first.say({ type: "publish", topic: "many", payload: number, confirm: true });
    await first.hear();
  }
  await second.say({ type: "subscribe", topic: "many", confirm: true });
  const heard: unknown[] = [];
  for (let reply = await second.hear(); reply["type"] === undefined; reply = await second.hear()) {
    heard.push(reply["payload"]);
  }
  assert.deepEqual(heard, [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test("who closes without acknowledging gets the message again, flagged", { skip }, async () => {
  const [first, second] = await twoTabs();
  await second.subscribe("orders");
  await first.say({ type: "publish", topic: "orders", payload: 1, qos: 1, message_id: "o1" });
  assert.equal((await second.hear())["message_id"], "o1");
  await second.page.evaluate(() => window.socket.close(1000));
  assert.deepEqual(await second.hear(), { closed: 1000 });
  await second.page.evaluate(() => window.dial());
  await second.logIn();
  await second.say({ type: "subscribe", topic: "orders" });
  const { message_id: id, redelivered } = await second.hear();
  assert.deepEqual({ id, redelivered }, { id: "o1", redelivered: true });
});
