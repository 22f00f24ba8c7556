import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import {
  createLogger,
  loadSettings,
  type RunningServer,
  startServer,
} from "../../src/server/index.ts";

const chromiumPath = "/usr/bin/chromium";

/** For `{ skip }` of tests. */
export const withoutChromium: string | false = existsSync(chromiumPath)
  ? false
  : "needs chromium: apt-get install chromium";

/** One for all tests of a file; each page has a profile of its own. */
export async function launchChromium(): Promise<Browser> {
  const args = ["--no-sandbox", "--disable-gpu"];
  return await chromium.launch({ executablePath: chromiumPath, args });
}

/** For tests of the page: a server with an empty data folder, and pages in a browser. */
export class ConsoleStage implements AsyncDisposable {
  readonly #home = mkdtempSync(join(tmpdir(), "omnibus-page-"));
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  #server: RunningServer | undefined;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async open(
    browser: Browser,
    flags: Readonly<Record<string, unknown>> = {},
  ): Promise<ConsoleStage> {
    const stage = new ConsoleStage(browser);
    await stage.start(flags);
    return stage;
  }

  async start(flags: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const all = { "server.port": 0, "server.log_level": "silent", ...flags };
    const { settings } = loadSettings({ flags: all, environment: {}, folder: this.#home });
    const log = createLogger({ level: "silent", isPretty: false });
    this.#server = await startServer({ settings, dataFolder: join(this.#home, "data"), log });
  }

  /** Ends the server; the result starts it again at the same port. */
  async stop(): Promise<() => Promise<void>> {
    const port = this.#server?.port;
    await this.#server?.close();
    return () => this.start({ "server.port": port });
  }

  get url(): string {
    return this.#server?.pageUrl ?? "";
  }

  /**
   * The page in a profile of its own. Errors in it fail the test unless `expected` matches them, and so
   * does a request to anywhere else; those of the network are its business.
   */
  async page(
    options: BrowserContextOptions = {},
    expected: RegExp = /WebSocket connection to .* failed/,
  ): Promise<Page> {
    const context = await this.#browser.newContext(options);
    this.#contexts.push(context);
    const page = await context.newPage();
    page.on("console", (message) => {
      const text = message.text();
      if (message.type() === "error" && !expected.test(text)) assert.fail(text);
    });
    page.on("pageerror", (error) => assert.fail(error));
    page.on("request", (request) => {
      const isOwn = request.url().startsWith(this.url) || request.url() === "data:,";
      assert.ok(isOwn, `the page asked for ${request.url()}`);
    });
    await page.goto(this.url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await this.#server?.close();
    rmSync(this.#home, { recursive: true });
  }
}

/** By the page's own forms. */
export async function logIn(page: Page, user = "admin", password = "password"): Promise<void> {
  await page.getByLabel("User", { exact: true }).fill(user);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.click("#login");
}

/** Until the state is that. */
export async function waitForState(page: Page, state: string): Promise<string> {
  const shown = page.locator(`#state[data-state=${state}]`);
  await shown.waitFor();
  return await shown.innerText();
}

export async function subscribe(page: Page, pattern: string, replay = ""): Promise<void> {
  await page.getByLabel("Topic or pattern").fill(pattern);
  await page.getByLabel("Messages to replay").fill(replay);
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page.locator("#topics code").getByText(pattern, { exact: true }).waitFor();
}

export async function publish(page: Page, topic: string, payload: string): Promise<void> {
  await page.getByLabel("Topic", { exact: true }).fill(topic);
  await page.locator("#payload").fill(payload);
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await page.locator("#publish-said").getByText(`published to ${topic}`, { exact: true }).waitFor();
}
