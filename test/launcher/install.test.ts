import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { OldNode } from "./old-node.ts";
import { StubClone, targetReady } from "./stub-clone.ts";

const SENTENCE = /^omnibus: [^\n]+\n$/;

test("the first start installs and runs, with flags, arguments and the caller's folder", async () => {
  await using clone = await StubClone.create();
  const sub = join(clone.root, "scripts");
  await using program = clone.start({ args: ["--port", "9000", "a b"], cwd: sub });
  const ready = await targetReady(program);
  assert.deepEqual(ready.args, ["--port", "9000", "a b"]);
  assert.equal(ready.cwd, sub);
  assert.ok(ready.flags.includes("--conditions=omnibus-source"));
  assert.ok(ready.isInstalled);
  assert.match(program.output, /^omnibus: installing packages/m);
  program.write("exit 7\n");
  const { code, stdout } = await program.ended;
  assert.equal(code, 7);
  assert.match(stdout, /^ready v(?:2[4-9]|[3-9]\d)\./, "standard output holds only the program's");
});

test("the second start installs nothing and needs no network", async () => {
  await using clone = await StubClone.create();
  await using first = clone.start();
  await targetReady(first);
  first.write("end\n");
  await first.ended;
  const { fetches } = clone.registry;
  await using second = clone.start({ env: { npm_config_registry: "http://127.0.0.1:1" } });
  await targetReady(second);
  second.write("end\n");
  assert.doesNotMatch((await second.ended).stderr, /installing/);
  assert.equal(clone.registry.fetches, fetches);
});

test("the user's settings of npm change nothing: ignore-scripts, production, omit, engine-strict", async () => {
  await using clone = await StubClone.create();
  const settings = "engine-strict=true\npackage-lock=false\nomit[]=dev\nignore-scripts=true\n";
  writeFileSync(join(clone.root, "../npmrc"), settings);
  const env = {
    npm_config_ignore_scripts: "true",
    NODE_ENV: "production",
    npm_config_omit: "dev optional",
    npm_config_workspaces: "true",
    npm_config_dry_run: "true",
    npm_config_package_lock: "false",
  };
  await using program = clone.start({ env });
  assert.ok((await targetReady(program)).isInstalled);
});

test("two first commands at once both run, and one installs", async () => {
  await using clone = await StubClone.create();
  clone.registry.hold();
  await using first = clone.start();
  await clone.registry.asked();
  await using second = clone.start();
  await second.sees(/waiting for another installation/);
  clone.registry.answer();
  await Promise.all([targetReady(first), targetReady(second)]);
  assert.equal(clone.registry.fetches, 2, "two packages, each once");
});

test("the lock of a killed holder is taken over", async () => {
  await using clone = await StubClone.create();
  clone.registry.hold();
  await using first = clone.start();
  await clone.registry.asked();
  process.kill(-first.pid, "SIGKILL");
  await first.ended;
  assert.ok(existsSync(join(clone.root, ".launch/lock")));
  clone.registry.answer();
  await using second = clone.start();
  assert.ok((await targetReady(second)).isInstalled);
});

test("of many that find a dead holder's lock one installs, and all run", async () => {
  await using clone = await StubClone.create();
  const lock = join(clone.root, ".launch/lock");
  mkdirSync(lock, { recursive: true });
  const holders = [{ pid: 2 ** 22 + 1, started: "1" }];
  writeFileSync(join(lock, "holders.json"), JSON.stringify({ host: hostname(), holders }));
  const programs = Array.from({ length: 5 }, () => clone.start());
  try {
    await Promise.all(programs.map(targetReady));
    assert.equal(clone.registry.fetches, 2, "two packages, each once");
  } finally {
    for (const program of programs) await program[Symbol.asyncDispose]();
  }
});

test(
  "the npm of a killed holder is waited for",
  { skip: process.platform !== "linux" },
  async () => {
    await using clone = await StubClone.create();
    clone.registry.hold();
    await using first = clone.start();
    await clone.registry.asked();
    first.kill("SIGKILL");
    await using second = clone.start();
    await second.sees(/waiting for another installation/);
    clone.registry.answer();
    await targetReady(second);
  },
);

test("a dead registry ends the start within 30 s by one sentence, and the next start mends", async () => {
  await using clone = await StubClone.create();
  const before = performance.now();
  await using dead = clone.start({ env: { npm_config_registry: "http://127.0.0.1:1" } });
  const { code, stdout, stderr } = await dead.ended;
  assert.ok(performance.now() - before < 30_000);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^omnibus: installing packages \.\.\.\nomnibus: [^\n]*\(ECONNREFUSED\)[^\n]*\n$/,
  );
  await using next = clone.start();
  await targetReady(next);
});

test("a registry that never answers ends the start within 30 s", async () => {
  await using clone = await StubClone.create();
  clone.registry.hold();
  const before = performance.now();
  await using mute = clone.start();
  const { code, stderr } = await mute.ended;
  assert.ok(performance.now() - before < 30_000);
  assert.equal(code, 1);
  assert.match(stderr, /\(ETIMEDOUT\)/);
  clone.registry.answer();
  await using next = clone.start();
  await targetReady(next);
});

test("what was installed is told by the lockfile's content, not by its time", async () => {
  await using clone = await StubClone.create();
  await using first = clone.start();
  await targetReady(first);
  first.write("end\n");
  await first.ended;
  const path = join(clone.root, "package-lock.json");
  const text = readFileSync(path, "utf8");
  // Another branch, and back again.
  writeFileSync(path, `${text}\n`);
  writeFileSync(path, text);
  utimesSync(path, new Date(), new Date(Date.now() + 1e6));
  const env = { npm_config_registry: "http://127.0.0.1:1" };
  await using second = clone.start({ env });
  await targetReady(second);
  assert.doesNotMatch(second.output, /installing/);
  writeFileSync(path, `${text}\n`);
  await using third = clone.start();
  await targetReady(third);
  assert.match(third.output, /installing/, "another content installs again");
});

test("a node_modules without its Node or its stamp is installed again", async () => {
  await using clone = await StubClone.create();
  mkdirSync(join(clone.root, "node_modules/tiny-dev"), { recursive: true });
  await using program = clone.start();
  assert.ok((await targetReady(program)).isInstalled);
});

test("SIGTERM during the installation ends npm too, and the next start mends", async () => {
  await using clone = await StubClone.create();
  clone.registry.hold();
  await using first = clone.start();
  await clone.registry.asked();
  first.kill("SIGTERM");
  const { code } = await first.ended;
  assert.equal(code, 128 + 15);
  assert.ok(!existsSync(join(clone.root, ".launch/lock")));
  clone.registry.answer();
  await using next = clone.start();
  await targetReady(next);
});

test("a folder that cannot be written ends the start by one sentence", async () => {
  await using clone = await StubClone.create();
  const uid = process.getuid?.() === 0 ? 65534 : undefined;
  chmodSync(clone.root, 0o555);
  try {
    await using program = clone.start(uid === undefined ? {} : { uid });
    const { code, stdout, stderr } = await program.ended;
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, SENTENCE);
    assert.match(stderr, /cannot be written \(EACCES\)/);
  } finally {
    chmodSync(clone.root, 0o755);
  }
  await using next = clone.start();
  await targetReady(next);
  next.write("end\n");
  await next.ended;
  chmodSync(clone.root, 0o555);
  await using installed = clone.start(uid === undefined ? {} : { uid });
  await targetReady(installed);
  installed.write("end\n");
  await installed.ended;
  chmodSync(clone.root, 0o755);
});

test("where npm has no Node for the machine one sentence says what to install", async (t) => {
  using old = new OldNode();
  if (old.path === undefined) return t.skip(old.missing);
  await using clone = await StubClone.create();
  const path = join(clone.root, "package.json");
  writeFileSync(path, readFileSync(path, "utf8").replaceAll(/"node-[^"]+"/g, '"node-elsewhere"'));
  await using program = clone.start({ node: old.path });
  const { code, stdout, stderr } = await program.ended;
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, SENTENCE);
  assert.match(stderr, /npm has no Node 24 for .* install Node 24 or newer/);
});
