import assert from "node:assert/strict";
import fs, { mkdtempSync, rmSync, statSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeFolder } from "./data-folder.ts";

test("a folder that another process makes at the same moment is as good", (t) => {
  const home = mkdtempSync(join(tmpdir(), "omnibus-folder-"));
  const make = fs.mkdirSync;
  t.after(() => rmSync(home, { recursive: true }));
  t.after(() => syncBuiltinESMExports());
  t.after(() => t.mock.restoreAll());
  t.mock.method(fs, "mkdirSync", (path: string, options: fs.MakeDirectoryOptions) => {
    make(path, options);
    make(path, options);
  });
  syncBuiltinESMExports();
  makeFolder(join(home, "a/b"));
  assert.ok(statSync(join(home, "a/b")).isDirectory());
  assert.throws(() => makeFolder("/dev/null/a"), { code: "EEXIST" });
});
