import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

// Plain JavaScript; its types are in its comments, which an import by name would not see.
const { href } = new URL("../../scripts/launch/stamp.mjs", import.meta.url);
const { isInstalled, writeStamp } = (await import(href)) as {
  isInstalled: (root: string, runtime: object) => boolean;
  writeStamp: (root: string) => void;
};

const runtime = { path: process.execPath, isPackaged: false };
const lock = JSON.stringify({
  packages: { "packages/a/node_modules/b": {}, "packages/elsewhere/node_modules/c": {} },
});

test("a node_modules without what npm put into workspaces is not installed", (t) => {
  const root = mkdtempSync(join(tmpdir(), "omnibus-stamp-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "node_modules"));
  mkdirSync(join(root, "packages/a/node_modules/b"), { recursive: true });
  writeFileSync(join(root, "package-lock.json"), lock);
  assert.ok(!isInstalled(root, runtime), "no stamp yet");
  writeStamp(root);
  assert.ok(isInstalled(root, runtime), "what is not for this platform is not asked for");
  rmSync(join(root, "packages/a/node_modules"), { recursive: true });
  assert.ok(!isInstalled(root, runtime));
});
