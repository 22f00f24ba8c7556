/** [Must show] The library in a real browser, bundled, against a really started server. */
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { openBus } from "omnibus";
import { Inbox } from "omnibus/testing";
import { CliHome, type Serving } from "../cli/cli-home.ts";
import { bundle } from "./bundle.ts";
import { Chromium, Site, withoutChromium } from "./chromium.ts";

const token = "token-of-the-test-page";
const skip = withoutChromium;

/** A server that lets the page in, the page's own site, and a browser. */
class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #home!: CliHome;
  #site!: Site;
  #chromium!: Chromium;

  static async open(alias: Record<string, string> = {}): Promise<Stage> {
    const stage = new Stage();
    const { code } = await bundle(`import "./page-program.ts";`, alias);
    stage.#home = stage.#stack.use(new CliHome());
    mkdirSync(join(stage.#home.path, "config"));
    writeFileSync(
      join(stage.#home.path, "config/default.toml"),
      `[server]\ntokens = ["${token}"]\n`,
    );
    stage.#site = stage.#stack.use(await Site.start(code));
    stage.#chromium = stage.#stack.use(await Chromium.start());
    return stage;
  }

  async serve(port = 0, origin: string = this.#site.origin): Promise<Serving> {
    const args = ["serve", "--port", String(port), "--allow-origin", origin];
    return this.#stack.use(await this.#home.serving(this.#home.start(args)));
  }

  async page(): Promise<Page> {
    const page = await this.#chromium.page(this.#site.origin);
    await page.waitForFunction(() => window.program !== undefined);
    return page;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

const inBrowser = (port: number): string => `ws://127.0.0.1:${port}`;
const open = (page: Page, port: number): Promise<void> =>
  page.evaluate(([url, token]) => window.program.open(url, token), [
    inBrowser(port),
    token,
  ] as const);

/** A bus of this process at the server, over TCP. */
async function programAt(url: string) {
  return await openBus({ connect: url, credentials: { kind: "token", token }, maxRedialMs: 200 });
}

const values: readonly unknown[] = [
  null,
  undefined,
  true,
  -1.5,
  12345678901234567890123n,
  "blue 蓝 🟦",
  new Uint8Array([0, 1, 254, 255]),
  new Date(1_700_000_000_123),
  [1, [2, ["three"]]],
  { text: "hi", list: [1, 2], nothing: null },
  new Map<unknown, unknown>([
    ["a", 1],
    [2, new Set(["b"])],
  ]),
  new Set([1, "two"]),
  new Uint8Array(700_000).fill(7),
];

test("values of every kind go to a page and come back as they were", { skip }, async () => {
  await using stage = await Stage.open();
  const { url, port } = await stage.serve();
  const page = await stage.page();
  await open(page, port);
  await page.evaluate(() => window.program.echo("to/page", "from/page"));
  await using bus = await programAt(url);
  const inbox = new Inbox<unknown>();
  const subscription = bus.subscribe("from/*", ({ value }) => inbox.add(value));
  await subscription.ready;
  for (const value of values) {
    bus.publish("to/page", value);
    assert.deepEqual(await inbox.next(), value);
  }
  assert.deepEqual(
    await page.evaluate(() => window.kinds),
    values.map((value) => Object.prototype.toString.call(value).slice(8, -1)),
  );
  const refusals = await page.evaluate(() => window.program.refusals());
  for (const refusal of refusals) assert.match(String(refusal), /\[bad-value\]/);
  assert.match(String(refusals[2]), /a\[0\]|a\.0/, "names the field");
  assert.equal(await page.evaluate(() => window.program.close()), 0);
});

test("thousands of messages reach a page and come back in order", { skip }, async () => {
  await using stage = await Stage.open();
  const { url, port } = await stage.serve();
  const page = await stage.page();
  await open(page, port);
  await page.evaluate(() => window.program.echo("to/page", "from/page"));
  await using bus = await programAt(url);
  const count = 5000;
  const done = Promise.withResolvers<void>();
  const seen: unknown[] = [];
  const subscription = bus.subscribe("from/page", ({ value, missed }) => {
    assert.equal(missed, 0);
    if (seen.push(value) === count) done.resolve();
  });
  await subscription.ready;
  for (let number = 0; number < count; number++) bus.publish("to/page", number);
  await done.promise;
  assert.deepEqual(
    seen,
    Array.from({ length: count }, (_, number) => number),
  );
});

test(
  "a page comes back by itself after the server was killed and started again",
  { skip },
  async () => {
    await using stage = await Stage.open();
    const first = await stage.serve();
    const page = await stage.page();
    await open(page, first.port);
    await page.evaluate(() => window.program.echo("to/page", "from/page"));
    first.program.kill("SIGKILL");
    await first.program.ended;
    await page.waitForFunction(() => window.program.events().includes("disconnected"));
    await using second = await stage.serve(first.port);
    await page.waitForFunction(() => window.program.events().at(-1) === "connected");

    await using bus = await programAt(second.url);
    const inbox = new Inbox<unknown>();
    const subscription = bus.subscribe("from/page", ({ value }) => inbox.add(value));
    await subscription.ready;
    bus.publish("to/page", "after");
    assert.equal(await inbox.next(), "after");
  },
);

test("a page of an origin that is not allowed gets an error with a code", { skip }, async () => {
  await using stage = await Stage.open();
  const { port } = await stage.serve(0, "http://elsewhere.example");
  const page = await stage.page();
  await assert.rejects(open(page, port), /\[connect-failed\]/);
});

test(
  "the light bus in place of the full one: values both ways, and back after a kill",
  { skip },
  async () => {
    await using stage = await Stage.open({ omnibus: "omnibus/light" });
    const first = await stage.serve();
    const page = await stage.page();
    await open(page, first.port);
    await page.evaluate(() => window.program.echo("to/*", "from/page"));
    const value = { when: new Date(5), tags: new Set(["a"]), big: 2n ** 70n };
    {
      await using bus = await programAt(first.url);
      const inbox = new Inbox<unknown>();
      await bus.subscribe("from/page", (message) => inbox.add(message.value)).ready;
      bus.publish("to/page", value);
      assert.deepEqual(await inbox.next(), value);
    }
    first.program.kill("SIGKILL");
    await first.program.ended;
    await page.waitForFunction(() => window.program.events().includes("disconnected"));
    await using second = await stage.serve(first.port);
    await page.waitForFunction(() => window.program.events().at(-1) === "connected");
    await using bus = await programAt(second.url);
    const inbox = new Inbox<unknown>();
    await bus.subscribe("from/page", (message) => inbox.add(message.value)).ready;
    bus.publish("to/page", "after");
    assert.equal(await inbox.next(), "after");
    assert.equal(await page.evaluate(() => window.program.close()), 0);
  },
);
