import assert from "node:assert/strict";
import { homedir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { compileCacheFolder } from "./compile-cache-folder.ts";

test("the shared cache folder is used where there is one", () => {
  const folder = compileCacheFolder({ XDG_CACHE_HOME: "/cache" }, "linux");
  assert.equal(folder, join("/cache", "omnibus", "node"));
});

test("otherwise it is below the user's home, never relative", () => {
  for (const shared of [undefined, "", "relative"]) {
    const folder = compileCacheFolder({ XDG_CACHE_HOME: shared }, "linux");
    assert.equal(folder, join(homedir(), ".cache", "omnibus", "node"));
  }
});
