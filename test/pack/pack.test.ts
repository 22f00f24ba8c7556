import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import test, { after, before } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { bundle } from "../browser/bundle.ts";
import { cleanEnvironment, usersEnvironment } from "../launcher/machine.ts";
import { OldNode } from "../launcher/old-node.ts";
import { Program } from "../launcher/program.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PUBLISHED = ["omnibus", "cli"];

let home: string;
let archives: string[];
/** The files of each archive. */
const contents = new Map<string, readonly string[]>();

function runIn(cwd: string, file: string, ...args: string[]): string {
  const user = usersEnvironment();
  const env = { ...user, PATH: `${dirname(process.execPath)}${delimiter}${user["PATH"]}` };
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${file} ${args.join(" ")}\n${stdout}${stderr}${error ?? ""}`);
  return stdout;
}

before(() => {
  home = mkdtempSync(join(tmpdir(), "omnibus-pack-"));
  const out = runIn(ROOT, process.execPath, "scripts/package.ts", "--json", "--out", home);
  const packed = JSON.parse(out) as { name: string; file: string; files: string[] }[];
  archives = packed.map(({ file }) => file);
  for (const { name, files } of packed) contents.set(name, files);
  writeFileSync(join(home, "package.json"), JSON.stringify({ private: true, type: "module" }));
  runIn(
    home,
    "npm",
    "install",
    "--ignore-scripts",
    "--prefer-offline",
    "--no-audit",
    "--no-fund",
    ...archives,
  );
});

after(() => {
  rmSync(home, { recursive: true, force: true, maxRetries: 10 });
  // A dist that stays would hide a child that was started without the source condition.
  for (const name of PUBLISHED) {
    for (const made of ["dist", "LICENSE"]) {
      rmSync(join(ROOT, "packages", name, made), { recursive: true, force: true });
    }
  }
});

test("an archive holds what is needed, and nothing else", () => {
  for (const [name, paths] of contents) {
    assert.ok(
      ["README.md", "LICENSE"].every((path) => paths.includes(path)),
      name,
    );
    const strange = paths.filter(
      (path) =>
        !/^(?:README\.md|LICENSE|package\.json|bin\/[\w.-]+\.mjs|dist\/.+\.(?:js|d\.ts))$/.test(
          path,
        ),
    );
    assert.deepEqual(strange, [], name);
    assert.deepEqual(
      paths.filter((path) => /\.test\.|\.map$/.test(path)),
      [],
      "neither tests nor source maps",
    );
    const folder = join(home, "node_modules", name === "cli" ? "@omnibus/cli" : name);
    for (const path of paths) {
      const text = readFileSync(join(folder, path), "utf8");
      assert.doesNotMatch(text, /[#@] sourceMappingURL=/, `${name}/${path}`);
    }
  }
});

test("every public subpath of the packed library is imported", () => {
  const path = join(ROOT, "packages/omnibus/package.json");
  const { exports } = JSON.parse(readFileSync(path, "utf8")) as {
    exports: Record<string, unknown>;
  };
  const names = Object.keys(exports).map((key) => `omnibus${key.slice(1)}`);
  const code = `for (const name of ${JSON.stringify(names)}) {
    const { length } = Object.keys(await import(name));
    console.log(name, length);
  }`;
  const out = runIn(home, process.execPath, "--input-type=module", "--eval", code);
  assert.equal(out.trim().split("\n").length, names.length);
});

test("the packed types resolve, and the manifests are in order", () => {
  const tools = join(ROOT, "node_modules");
  for (const archive of archives) {
    const attw = join(tools, "@arethetypeswrong/cli/dist/index.js");
    runIn(home, process.execPath, attw, "--profile", "esm-only", archive);
    runIn(home, process.execPath, join(tools, "publint/src/cli.js"), "--strict", archive);
  }
});

test("a program that uses the packed library compiles, and says so when it is wrong", () => {
  const options = {
    module: "nodenext",
    target: "es2024",
    lib: ["ES2024", "ESNext.Disposable", "DOM"],
  };
  const compilerOptions = { ...options, strict: true, noEmit: true, types: [] };
  writeFileSync(
    join(home, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: ["good.ts", "bad.ts"] }),
  );
  writeFileSync(
    join(home, "good.ts"),
    `import { openBus, topic, type Message } from "omnibus";
await using bus = await openBus();
bus.subscribe("a/*", (message: Message) => console.log(message.value));
bus.publish(topic("a/b"), { any: "value" });
`,
  );
  writeFileSync(
    join(home, "bad.ts"),
    `import { openBus } from "omnibus";
(await openBus()).publish(1, 2);
`,
  );
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", home], { encoding: "utf8" });
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
  assert.equal(errors.length, 1, stdout);
  assert.match(errors[0] ?? "", /bad\.ts\(2,27\)/);
});

test("a bundle for browsers of the packed library is as small as from source", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { openBus } from "omnibus"; globalThis.openBus = openBus;`,
      resolveDir: home,
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
  });
  const packed = gzipSync(outputFiles[0]?.contents ?? "").length;
  const { gzipBytes } = await bundle(
    `import { openBus } from "omnibus"; globalThis.openBus = openBus;`,
  );
  assert.ok(packed < gzipBytes * 1.02, `${packed} bytes, from source ${gzipBytes}`);
});

test("the packed binary serves, publishes, subscribes, and shows its page", async () => {
  const out = runIn(home, join(home, "node_modules/.bin/omnibus"), "--version");
  assert.match(out, /^\d+\.\d+\.\d+/);

  const path = `${dirname(process.execPath)}${delimiter}${usersEnvironment()["PATH"]}`;
  const env = cleanEnvironment({ PATH: path, OMNIBUS_DATA: join(home, "data"), NO_COLOR: "1" });
  const start = (...args: string[]): Program =>
    new Program(join(home, "node_modules/.bin/omnibus"), args, { cwd: home, env });

  await using server = start("serve", "--port", "0");
  const [, port] = await server.sees(/listening on ws:\/\/127\.0\.0\.1:(\d+)/);
  const url = `tcp://127.0.0.1:${port}`;
  await using subscriber = start("sub", "chat/**", "--count", "1", "--url", url);
  await subscriber.sees(/^subscribed/m);
  await using publisher = start("pub", "chat/general", "hello", "--url", url);
  assert.equal((await publisher.ended).code, 0);
  const { code, stdout } = await subscriber.ended;
  assert.equal(code, 0);
  assert.match(stdout, /"hello"/);

  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  assert.match(page, /class ConsoleConnection \{[^]*class MessageList \{[^]*new Console\(\)/);
  server.kill("SIGTERM");
  assert.equal((await server.ended).code, 0);
});

test("under an older Node the packed binary says in one sentence what it needs", (t) => {
  using old = new OldNode();
  if (old.path === undefined) return t.skip(old.missing);
  const bin = join(home, "node_modules/.bin/omnibus");
  const { status, stderr } = spawnSync(old.path, [bin, "--version"], {
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.match(stderr, /^omnibus: needs Node 24 or newer, and this is Node \S+\n$/);
});
