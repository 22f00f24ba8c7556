import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { LAYERS } from "./layer-table.ts";

const ROOT = resolve(import.meta.dirname, "../..");

test("docs/ARCHITECTURE.md shows the layer table as it is enforced", () => {
  const document = readFileSync(join(ROOT, "docs/ARCHITECTURE.md"), "utf8");
  for (const [room, { rooms, typesOnly = [], packages, isNode }] of Object.entries(LAYERS)) {
    const types = typesOnly.map((other) => `types of ${other}`);
    const may = [...rooms, ...types].join(", ") || "nothing";
    const npm = packages === undefined ? "any declared" : packages.join(", ") || "none";
    const row = `| \`${room}\` | ${may} | ${npm} | ${isNode ? "yes" : "no"} |`;
    assert.ok(document.includes(`\n${row}\n`), `the row of ${room} should be\n${row}`);
  }
});
