import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errorTable } from "../../packages/omnibus/src/base/index.ts";
import { fromHex, rawPair, toHex, utf8 } from "../../packages/omnibus/src/testing/index.ts";
import { runType } from "../../packages/omnibus/src/wire/index.ts";

const root = join(import.meta.dirname, "../..");
const document = readFileSync(join(root, "protocol/wire.md"), "utf8");
const clauses = new Set(
  [...document.matchAll(/^- \*\*(\d+\.\d+)\*\*/gmu)].map(([, number]) => number),
);

test("the table of errors is that of the code", () => {
  const rows = Object.entries(errorTable).map(
    ([code, { number, retry, meaning }]) =>
      `| ${number} | \`${code}\` | ${retry ? "yes" : "no"} | ${meaning} |`,
  );
  const section = document.slice(document.indexOf("## 13."), document.indexOf("## 14."));
  const written = section.split("\n").filter((line) => /^\| \d/u.test(line));
  assert.equal(written.join("\n"), rows.join("\n"));
});

test("every type of run is in the table of types", () => {
  for (const [name, type] of Object.entries(runType)) {
    assert.match(document, new RegExp(`\\| ${type} \\| ${name} \\|`, "u"));
  }
});

test("every clause that code and tests cite exists, and no number is given twice", () => {
  const numbers = [...document.matchAll(/^- \*\*(\d+\.\d+)\*\*/gmu)].map(([, number]) => number);
  assert.equal(numbers.length, clauses.size);
  for (const folder of ["packages/omnibus/src", "test"]) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith(".ts")) continue;
      const text = readFileSync(join(root, folder, path), "utf8");
      for (const [, clause] of text.matchAll(/\[WIRE-(\d+\.\d+)\]/gu)) {
        assert.ok(clauses.has(clause), `${folder}/${path} cites WIRE-${clause}`);
      }
    }
  }
});

test("every clause but those of section 12, which is later, is cited by code or a test", () => {
  const cited = new Set<string | undefined>();
  for (const folder of ["packages/omnibus/src", "packages/omnibus/test", "test"]) {
    for (const path of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!path.endsWith(".ts")) continue;
      const text = readFileSync(join(root, folder, path), "utf8");
      for (const [, clause] of text.matchAll(/\[WIRE-(\d+\.\d+)\]/gu)) cited.add(clause);
    }
  }
  const isLater = (clause = ""): boolean => clause.startsWith("12.");
  const missing = [...clauses].filter((clause) => !cited.has(clause) && !isLater(clause));
  assert.deepEqual(missing, []);
});

test("the example is what a session says to these bytes", () => {
  const block = /```\n(C 003f[^`]*)```/u.exec(document)?.[1] ?? "";
  const pair = rawPair();
  const said: string[] = [];
  pair.receiver.use = (bytes) => {
    said.push(toHex(bytes));
    return bytes.length;
  };
  for (const line of block.trim().split("\n")) {
    const bytes = fromHex(line.slice(2));
    if (line.startsWith("C ")) {
      assert.equal(said.length, 0, `not in the example: ${said[0]}`);
      pair.sendBytes(bytes);
    } else {
      if (said.length === 0) pair.node.publish("chat/general", utf8("yo"));
      pair.clock.settle();
      assert.equal(said.shift(), toHex(bytes));
    }
  }
  assert.deepEqual(
    pair.node.arrived.map(({ topic }) => topic),
    ["chat/general", "chat/general"],
  );
  assert.deepEqual(pair.node.arrived[0]?.payload, utf8("hi"));
  assert.deepEqual(pair.node.events, [
    "opened somebody leaf",
    "wants chat/* global 0",
    "closed [going-away] the other side said goodbye",
  ]);
});
