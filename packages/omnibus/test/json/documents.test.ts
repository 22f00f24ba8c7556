import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { jsonErrorTable } from "../../src/adapters/json/index.ts";
import { closeTable } from "../../src/node/index.ts";

const root = new URL("../../../../", import.meta.url);
const documentUrl = new URL("protocol/json.md", root);
const json = readFileSync(documentUrl, "utf8");
const names = readFileSync(new URL("protocol/names.md", root), "utf8");

/** The table of errors as it has to stand in protocol/json.md. */
function errorTable(): string {
  const rows = Object.entries(jsonErrorTable).map(([code, { message, when, close }]) => {
    const outcome = close === undefined ? "stays" : `closes with ${closeTable[close].code}`;
    return `| \`${code}\` | ${message} | ${when} | ${outcome} |`;
  });
  return ["| code | message | when | the connection |", "|---|---|---|---|", ...rows].join("\n");
}

test("[JSON-9.1] the table of errors in protocol/json.md is the one in the code", () => {
  const [start, end] = ["<!-- errors", "<!-- end of errors -->"].map((mark) => json.indexOf(mark));
  assert.ok(start !== undefined && end !== undefined && start > 0 && end > start);
  const from = json.indexOf("\n", start) + 1;
  const expected = `${errorTable()}\n`;
  if (process.env["UPDATE_DOCUMENTS"] !== undefined) {
    writeFileSync(documentUrl, `${json.slice(0, from)}${expected}${json.slice(end)}`);
    return;
  }
  assert.equal(json.slice(from, end), expected, "UPDATE_DOCUMENTS=1 writes it anew");
});

test("the commands in protocol/json.md are JSON", () => {
  const blocks = [...json.matchAll(/```json\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    block.trim().split("\n"),
  );
  assert.ok(blocks.length >= 6);
  for (const line of blocks) JSON.parse(line);
});

/** All text files of the rooms that keep to these documents. */
function sources(isTest: boolean): string {
  const folders = [
    "packages/omnibus/src/adapters/json/",
    "packages/omnibus/src/server/",
    "packages/omnibus/src/server/auth/",
    "packages/omnibus/src/log/",
    "packages/omnibus/test/json/",
  ];
  let text = "";
  for (const folder of folders) {
    for (const name of readdirSync(new URL(folder, root))) {
      if (!name.endsWith(".ts") || (isTest && !name.endsWith(".test.ts"))) continue;
      text += readFileSync(new URL(`${folder}${name}`, root), "utf8");
    }
  }
  return text;
}

/** What a reader of the document cannot see from outside, or what other rooms test. */
const untested = ["JSON-9.2", "NAMES-1.1", "NAMES-1.2", "NAMES-1.3"];

test("every clause that code cites exists, and every clause is cited by a test", () => {
  const clauses = new Set<string>();
  for (const [document, text] of [
    ["JSON", json],
    ["NAMES", names],
  ] as const) {
    for (const [, clause] of text.matchAll(/^- \*\*(\d+\.\d+)\*\*/gm)) {
      clauses.add(`${document}-${clause}`);
    }
  }
  const cited = [...sources(false).matchAll(/\[((?:JSON|NAMES)-\d+\.\d+)\]/g)].map((one) => one[1]);
  for (const clause of cited) assert.ok(clauses.has(clause ?? ""), `${clause} does not exist`);
  const inTests = new Set(
    [...sources(true).matchAll(/\b((?:JSON|NAMES)-\d+\.\d+)\b/g)].map((one) => one[1]),
  );
  const missing = [...clauses].filter((one) => !inTests.has(one) && !untested.includes(one));
  assert.deepEqual(missing, []);
});
