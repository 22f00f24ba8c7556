/** A real browser for tests: Debian's Chromium, and pages that fail the test with their errors. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const path = "/usr/bin/chromium";

/** For `{ skip }`: false where there is a Chromium, else what to install. */
export const withoutChromium: string | false = existsSync(path)
  ? false
  : "needs chromium: apt-get install chromium";

/** A browser without a profile. */
export class Chromium implements AsyncDisposable {
  readonly #browser: Browser;

  private constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async start(): Promise<Chromium> {
    const args = ["--no-sandbox", "--disable-gpu"];
    return new Chromium(await chromium.launch({ executablePath: path, args }));
  }

  /** A page in a profile of its own that fails the test with any uncaught error. */
  async page(url: string): Promise<Page> {
    return await openPage(await this.#browser.newContext(), url);
  }

  /** Two tabs of one profile. */
  async tabs(url: string): Promise<[Page, Page]> {
    const context = await this.#browser.newContext();
    return [await openPage(context, url), await openPage(context, url)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }
}

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => assert.fail(error));
  await page.goto(url);
  return page;
}

/** A web server of one page with one script: somebody else's site. */
export class Site implements AsyncDisposable {
  readonly origin: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(script: string): Promise<Site> {
    const server = createServer(({ url }, response) => {
      const isScript = url === "/program.js";
      response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
      response.end(
        isScript ? script : `<!doctype html><script type="module" src="/program.js"></script>`,
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new Site(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
