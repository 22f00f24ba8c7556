/** The README's program, run as a reader would: two processes and a server with its built-in user. */
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createLogger, loadSettings, type RunningServer, startServer } from "omnibus/server";
import { Inbox } from "omnibus/testing";

const program = join(import.meta.dirname, "chat.ts");

function startAlone(folder: string): Promise<RunningServer> {
  const { settings } = loadSettings({ flags: { "server.port": 0 }, environment: {}, folder });
  const log = createLogger({ level: "silent", isPretty: false });
  return startServer({ settings, dataFolder: join(folder, "data"), log });
}

class Chatter {
  readonly printed: Inbox<string> = new Inbox<string>();
  readonly #child: ChildProcessWithoutNullStreams;

  constructor(name: string, url: string) {
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    this.#child = spawn(process.execPath, ["--conditions=omnibus-source", program, name], {
      env: { ...env, OMNIBUS_URL: url },
    });
    createInterface({ input: this.#child.stdout }).on("line", this.printed.add);
    createInterface({ input: this.#child.stderr }).on("line", this.printed.add);
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends its input; resolves to the exit code. */
  async end(): Promise<unknown> {
    const exit = once(this.#child, "exit");
    this.#child.stdin.end();
    return (await exit)[0];
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}

for (const scheme of ["tcp", "ws"]) {
  test(`two chats talk through a server over ${scheme}, and end when their input does`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "omnibus-chat-"));
    t.after(() => rmSync(folder, { recursive: true }));
    await using server = await startAlone(folder);
    const url = `${scheme}://127.0.0.1:${server.port}`;
    const [ada, bob] = [new Chatter("ada", url), new Chatter("bob", url)];
    t.after(() => [ada, bob].forEach((chatter) => chatter.kill()));
    assert.equal(await ada.printed.next(), "connected as ada");
    assert.equal(await bob.printed.next(), "connected as bob");

    ada.type("hello");
    assert.equal(await bob.printed.next(), "ada: hello");
    assert.equal(await ada.printed.next(), "ada: hello");
    bob.type("hi, ada");
    assert.equal(await ada.printed.next(), "bob: hi, ada");
    assert.deepEqual(await Promise.all([ada.end(), bob.end()]), [0, 0]);
  });
}

test("the program is as short as the README says, and stands there as it is", () => {
  const source = readFileSync(program, "utf8").trim();
  const readme = readFileSync(join(import.meta.dirname, "../../README.md"), "utf8");
  assert.ok(readme.includes(`\`\`\`ts\n${source}\n\`\`\``), "the README shows another program");
  const lines = source.split("\n").filter((line) => line.trim() !== "");
  assert.ok(lines.length <= 20, `${lines.length} lines`);
});
