import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { loadSettings } from "../config/load-settings.ts";
import { createLogger } from "../logger.ts";
import type { RunningServer } from "../running-server.ts";
import { startServer } from "../start-server.ts";
import { consolePage } from "./console-page.ts";

const chromiumPath = "/usr/bin/chromium";
const skip = existsSync(chromiumPath) ? false : "needs chromium: apt-get install chromium";

/** A server with an empty data folder, and a browser. */
class Stage implements AsyncDisposable {
  readonly #home = mkdtempSync(join(tmpdir(), "omnibus-page-"));
  #server: RunningServer | undefined;
  #browser: Browser | undefined;

  async open(): Promise<string> {
    const flags = { "server.port": 0, "server.log_level": "silent" };
    const { settings } = loadSettings({ flags, environment: {}, folder: this.#home });
    const log = createLogger({ level: "silent", isPretty: false });
    this.#server = await startServer({ settings, dataFolder: join(this.#home, "data"), log });
    this.#browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ["--no-sandbox", "--disable-gpu"],
    });
    return this.#server.pageUrl;
  }

  /** A page in a profile of its own that fails the test with any error of its console. */
  async page(url: string): Promise<Page> {
    const context = await this.#browser?.newContext();
    assert.ok(context !== undefined);
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") assert.fail(message.text());
    });
    page.on("pageerror", (error) => assert.fail(error));
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    await this.#server?.close();
    rmSync(this.#home, { recursive: true });
  }
}

async function logIn(page: Page, user: string, password: string): Promise<void> {
  await page.fill("#user", user);
  await page.fill("#password", password);
  await page.click("text=Log in >> nth=-1");
}

test("two pages log in, subscribe, publish and see each other's messages", { skip }, async () => {
  await using stage = new Stage();
  const url = await stage.open();
  const ada = await stage.page(url);
  const bob = await stage.page(url);
  for (const page of [ada, bob]) {
    await logIn(page, "admin", "password");
    await page.waitForSelector("#state[data-in=true]");
    await page.fill("#pattern", "chat/**");
    await page.click("#subscribe-form button");
  }
  await ada.fill("#payload", '{"text":"<b>hi</b>"}');
  await ada.check("#qos");
  await ada.click("#publish-form button");
  for (const page of [ada, bob]) {
    const line = page.locator("#messages li.message").first();
    await line.waitFor();
    assert.match(await line.innerText(), /chat\/general\s+\{"text":"<b>hi<\/b>"\}/);
  }
});

test("a wrong password is told, and the right one works after it", { skip }, async () => {
  await using stage = new Stage();
  const page = await stage.page(await stage.open());
  await logIn(page, "admin", "wrong");
  await page.waitForSelector("#messages li.error");
  await logIn(page, "admin", "password");
  await page.waitForSelector("#state[data-in=true]");
});

test("the page names no other site and holds no event handlers that its policy would stop", () => {
  assert.doesNotMatch(consolePage.html, /https?:\/\//);
  assert.doesNotMatch(consolePage.html, / on\w+=|style=/);
  assert.ok(Buffer.byteLength(consolePage.html) < 16_384);
});
