/** The library under Bun and Deno, from npm, beside Node: smoke tests. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { CliHome, type Serving } from "../cli/cli-home.ts";
import { usersEnvironment } from "../launcher/machine.ts";
import { Program } from "../launcher/program.ts";

const HERE = import.meta.dirname;
const program = join(HERE, "program.ts");
const token = "token-of-the-smoke-test";

/** How each runtime is told to read the workspace's TypeScript. */
const runtimes: readonly { name: string; bin: string; args: readonly string[] }[] = [
  { name: "Node", bin: process.execPath, args: ["--conditions=omnibus-source"] },
  { name: "Bun", bin: "@oven/bun-linux-x64/bin/bun", args: ["--conditions=omnibus-source"] },
  {
    name: "Deno",
    bin: "@deno/linux-x64-glibc/deno",
    args: ["run", "-A", "--no-config", "--node-modules-dir=manual", "--conditions=omnibus-source"],
  },
];

let folder: string;
let home: CliHome;
let server: Serving;
/** Why the others cannot be had. */
let missing: string | undefined;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "omnibus-runtimes-"));
  missing = install();
  home = new CliHome();
  mkdirSync(join(home.path, "config"));
  writeFileSync(join(home.path, "config/default.toml"), `[server]\ntokens = ["${token}"]\n`);
  server = await home.serve();
});

after(async () => {
  await home[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** They are 200 MB, too much for every clone: here they are for these tests only, from npm's cache. */
function install(): string | undefined {
  if (process.platform !== "linux" || process.arch !== "x64")
    return "Bun and Deno are pinned for Linux on x64";
  for (const file of ["package.json", "package-lock.json"]) {
    copyFileSync(join(HERE, file), join(folder, file));
  }
  const user = usersEnvironment();
  const env = { ...user, PATH: `${dirname(process.execPath)}${delimiter}${user["PATH"]}` };
  const args = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, env, encoding: "utf8" });
  return status === 0 ? undefined : `needs bun and deno: npm ci failed: ${stderr.slice(0, 300)}`;
}

for (const { name, bin, args } of runtimes) {
  test(`${name}: values, order and refusals in process, over tcp and over ws`, async (t) => {
    const isOwn = bin === process.execPath;
    if (!isOwn && missing !== undefined) {
      t.skip(missing);
      return;
    }
    const file = isOwn ? bin : join(folder, "node_modules", bin);
    const urls = ["tcp", "ws"].map((scheme) => `${scheme}://127.0.0.1:${server.port}`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    await using child = new Program(file, [...args, program, token, ...urls], { cwd: HERE, env });
    const { code, stdout, stderr } = await child.ended;
    assert.equal(code, 0, stdout + stderr);
    assert.deepEqual(stdout.trim().split("\n"), [
      "in process: values",
      ...["tcp:", "ws:"].flatMap((protocol) => [
        `${protocol} values`,
        `${protocol} 20000 messages in order`,
        `${protocol} a wrong token is refused`,
      ]),
      "done",
    ]);
  });
}
