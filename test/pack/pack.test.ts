import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import test, { after, before } from "node:test";
import { findOldNode, usersEnvironment } from "../launcher/machine.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PUBLISHED = ["omnibus", "cli"];

let home: string;
let archives: string[];

function runIn(cwd: string, file: string, ...args: string[]): string {
  const user = usersEnvironment();
  const env = { ...user, PATH: `${dirname(process.execPath)}${delimiter}${user["PATH"]}` };
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${file} ${args.join(" ")}\n${stdout}${stderr}${error ?? ""}`);
  return stdout;
}

before(() => {
  home = mkdtempSync(join(tmpdir(), "omnibus-pack-"));
  runIn(ROOT, process.execPath, "scripts/build.ts");
  archives = PUBLISHED.map((name) => {
    const folder = join(ROOT, "packages", name);
    const out = runIn(
      folder,
      "npm",
      "pack",
      "--json",
      "--ignore-scripts",
      "--pack-destination",
      home,
    );
    const [packed] = JSON.parse(out) as { filename: string; files: { path: string }[] }[];
    assert.ok(packed !== undefined);
    const paths = packed.files.map(({ path }) => path);
    assert.ok(paths.includes("LICENSE"));
    assert.ok(!paths.some((path) => path.includes(".test.")), "no tests are published");
    return join(home, packed.filename);
  });
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

test("the packed binary runs", () => {
  const out = runIn(home, join(home, "node_modules/.bin/omnibus"), "--version");
  assert.match(out, /^\d+\.\d+\.\d+/);
});

test(
  "under an older Node the packed binary says in one sentence what it needs",
  { skip: findOldNode() === undefined && "no older Node on PATH" },
  () => {
    const bin = join(home, "node_modules/.bin/omnibus");
    const { status, stderr } = spawnSync(findOldNode() as string, [bin, "--version"], {
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stderr, /^omnibus: needs Node 24 or newer, and this is Node \S+\n$/);
  },
);
