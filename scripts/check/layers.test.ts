import assert from "node:assert/strict";
import test from "node:test";
import { checkLayers } from "./layers.ts";
import { plantTree } from "./planted-tree.ts";

const SRC = "packages/omnibus/src";
const MANIFEST = { exports: { ".": "./src/index.ts", "./link": "./x", "./testing": "./x" } };
const CLEAN: Record<string, string> = {
  "packages/omnibus/package.json": JSON.stringify(MANIFEST),
  [`${SRC}/base/index.ts`]: `export { a } from "./a.ts";`,
  [`${SRC}/base/a.ts`]: `export const a = 1;`,
  [`${SRC}/wire/index.ts`]: `export { w } from "./w.ts";`,
  [`${SRC}/wire/w.ts`]: `import { a } from "../base/index.ts";\nexport const w = a;`,
  [`${SRC}/link/index.ts`]: `export type { Link } from "./link.ts";\nexport { m } from "./m.ts";`,
  [`${SRC}/link/link.ts`]: `export interface Link { a: 1 }`,
  [`${SRC}/link/m.ts`]: `export const m = 1;`,
  [`${SRC}/bus/bus.ts`]: `import type { Link } from "../link/index.ts";\nexport type L = Link;`,
  [`${SRC}/testing/index.ts`]: `export const fake = 1;`,
  [`${SRC}/base/a.test.ts`]: `import test from "node:test";\nimport { fake } from "../testing/index.ts";`,
  [`${SRC}/index.ts`]: `export { w } from "./wire/index.ts";`,
  "packages/omnibus/test/all.test.ts": `import { w } from "../src/wire/index.ts";`,
  "packages/cli/src/main.ts": `import { w } from "omnibus";\nimport "./serve.ts";`,
  "packages/cli/src/serve.ts": `import "node:fs";`,
};

function problems(planted: Record<string, string>, minModules = 5): string[] {
  using tree = plantTree({ ...CLEAN, ...planted });
  return checkLayers(tree.root, { minModules }).findings.map(
    (f) => `${f.path}:${f.line} ${f.message}`,
  );
}

test("a clean tree passes", () => {
  assert.deepEqual(problems({}), []);
});

const PLANTED: { name: string; path: string; text: string; expected: RegExp }[] = [
  {
    name: "an import against the table",
    path: `${SRC}/wire/bad.ts`,
    text: `\nimport { m } from "../link/index.ts";`,
    expected: /wire\/bad\.ts:2 wire may not import link/,
  },
  {
    name: "a type import against the table",
    path: `${SRC}/wire/bad.ts`,
    text: `import type { Link } from "../link/index.ts";`,
    expected: /wire may not import link/,
  },
  {
    name: "a dynamic import against the table",
    path: `${SRC}/wire/bad.ts`,
    text: `export const load = () => import("../link/index.ts");`,
    expected: /wire may not import link/,
  },
  {
    name: "an import type in a type against the table",
    path: `${SRC}/wire/bad.ts`,
    text: `export type L = import("../link/index.ts").Link;`,
    expected: /wire may not import link/,
  },
  {
    name: "a re-export against the table",
    path: `${SRC}/wire/bad.ts`,
    text: `export * from "../link/index.ts";`,
    expected: /wire may not import link/,
  },
  {
    name: "an import behind a comment, a template and a regular expression",
    path: `${SRC}/wire/bad.ts`,
    text: "const a = `${`}\"`} // '`; const r = /[/\"'`]/; /* \" */ import { m } from '../link/index.ts';",
    expected: /wire may not import link/,
  },
  {
    name: "an import around the door",
    path: `${SRC}/wire/bad.ts`,
    text: `import { a } from "../base/a.ts";`,
    expected: /goes around the door of base/,
  },
  {
    name: "an import of the own door",
    path: `${SRC}/wire/bad.ts`,
    text: `import { w } from "./index.ts";`,
    expected: /imports its own room's door/,
  },
  {
    name: "a value where only types are allowed",
    path: `${SRC}/bus/bad.ts`,
    text: `import { m } from "../link/index.ts";`,
    expected: /bus may import only types of link/,
  },
  {
    name: "an import of a file that does not exist",
    path: `${SRC}/adapters/json/bad.ts`,
    text: `import "../mqtt/index.ts";`,
    expected: /imports \.\.\/mqtt\/index\.ts, which does not exist/,
  },
  {
    name: "an adapter importing routing",
    path: `${SRC}/adapters/json/bad.ts`,
    text: `import { w } from "../../wire/index.ts";`,
    expected: /adapters\/json may not import wire/,
  },
  {
    name: "a Node module in a universal room",
    path: `${SRC}/wire/bad.ts`,
    text: `import { readFileSync } from "node:fs";`,
    expected: /wire runs everywhere and may not import node:fs/,
  },
  {
    name: "a package in a pure room",
    path: `${SRC}/routing/bad.ts`,
    text: `import { z } from "zod";`,
    expected: /routing may not import the package zod/,
  },
  {
    name: "testing outside tests",
    path: `${SRC}/bus/bad.ts`,
    text: `import { fake } from "../testing/index.ts";`,
    expected: /bus may not import testing/,
  },
  {
    name: "a module importing a test",
    path: `${SRC}/base/bad.ts`,
    text: `import "./a.test.ts";`,
    expected: /imports a test/,
  },
  {
    name: "the package's own name",
    path: `${SRC}/bus/bad.ts`,
    text: `import "omnibus/link";`,
    expected: /imports its own package by name/,
  },
  {
    name: "a room that the table does not know",
    path: `${SRC}/extra/bad.ts`,
    text: `import "../base/index.ts";`,
    expected: /extra is no room/,
  },
  {
    name: "another package reaching into src",
    path: "packages/cli/src/bad.ts",
    text: `import "../../omnibus/src/wire/index.ts";`,
    expected: /cli\/src\/bad\.ts:1 leaves its package/,
  },
  {
    name: "another package using what is not public",
    path: "packages/cli/src/bad.ts",
    text: `import "omnibus/wire";`,
    expected: /omnibus\/wire is no public subpath/,
  },
  {
    name: "another package using testing outside tests",
    path: "packages/cli/src/bad.ts",
    text: `import "omnibus/testing";`,
    expected: /only tests and benchmarks/,
  },
];

for (const { name, path, text, expected } of PLANTED) {
  test(`${name} is found`, () => {
    const found = problems({ [path]: text });
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] as string, expected);
  });
}

test("a cycle is found, of type imports too", () => {
  const found = problems({
    [`${SRC}/base/a.ts`]: `import type { B } from "./b.ts";\nexport const a = 1;`,
    [`${SRC}/base/b.ts`]: `export type { C as B } from "./c.ts";`,
    [`${SRC}/base/c.ts`]: `import { type a } from "./a.ts";\nexport type C = typeof a;`,
  });
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0] as string, /import cycle: \S+a\.ts -> \S+b\.ts -> \S+c\.ts -> \S+a\.ts/);
});

test("two adapters may not import each other", () => {
  const found = problems({
    [`${SRC}/adapters/json/bad.ts`]: `import "../mqtt/index.ts";`,
    [`${SRC}/adapters/mqtt/index.ts`]: `export const x = 1;`,
  });
  assert.match(found.join("\n"), /adapters\/json may not import adapters\/mqtt/);
});

test("a check that saw hardly any module fails", () => {
  assert.match(problems({}, 50).join("\n"), /only 11 modules seen, at least 50 expected/);
});
