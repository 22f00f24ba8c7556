import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { settingsGuide } from "../../src/server/index.ts";

const page = new URL("../../../../docs/guide/configuration.md", import.meta.url);

test("docs/guide/configuration.md is what the settings say", () => {
  assert.equal(
    readFileSync(page, "utf8"),
    settingsGuide(),
    "write it again: node scripts/launch.mjs scripts/docs/configuration.ts",
  );
});
