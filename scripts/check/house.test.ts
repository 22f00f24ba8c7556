import assert from "node:assert/strict";
import test from "node:test";
import { checkHouse } from "./house.ts";
import { plantTree } from "./planted-tree.ts";
import { isPassed } from "./report.ts";

function problems(files: Record<string, string>): { messages: string; passed: boolean } {
  using tree = plantTree(files);
  const report = checkHouse(tree.root);
  const messages = report.findings.map((f) => `${f.path}:${f.line} ${f.message}`).join("\n");
  return { messages, passed: isPassed(report) };
}

const FINE = `// a comment\n\nexport const a = 1;\n`;

test("a file of 500 code lines passes with a warning, one of 501 does not", () => {
  const lines = (count: number): string => `// about\n\n${"export {};\n".repeat(count)}`;
  const at = problems({ "packages/a/src/a.ts": lines(500) });
  assert.ok(at.passed);
  assert.match(at.messages, /500 lines of code, think again/);
  const over = problems({ "packages/a/src/a.ts": lines(501) });
  assert.ok(!over.passed);
  assert.match(over.messages, /501 lines of code, at most 500/);
});

test("blank lines and comments are not counted", () => {
  const text = `${FINE.repeat(200)}/*\n${"text\n".repeat(500)}*/\n`;
  assert.equal(problems({ "packages/a/src/a.ts": text }).messages, "");
});

for (const name of ["utils.ts", "util.mjs", "helpers.ts", "types.ts", "common.js"]) {
  test(`a file named ${name} is found`, () => {
    assert.ok(!problems({ [`packages/a/src/${name}`]: FINE }).passed);
  });
}

const PLANTED: { name: string; path: string; text: string; line: number }[] = [
  { name: "a leftover", path: "scripts/a.ts", text: `\n/* ${"TO"}DO: more */`, line: 2 },
  { name: "a default export", path: "packages/a/src/a.ts", text: `\nexport default 1;`, line: 2 },
  { name: "a sleep", path: "packages/a/src/a.test.ts", text: `await sleep(10);`, line: 1 },
  {
    name: "a sleep by a promise",
    path: "packages/a/src/a.test.ts",
    text: `await new Promise((done) => setTimeout(done, 10));`,
    line: 1,
  },
  {
    name: "a sleep by a typed promise",
    path: "test/a.test.ts",
    text: `await new Promise<void>((done) => {\n  setTimeout(() => done(), 10);\n});`,
    line: 1,
  },
  {
    name: "a sleep by timers/promises",
    path: "test/a.test.ts",
    text: `import { setTimeout as later } from "node:timers/promises";`,
    line: 1,
  },
  {
    name: "a sleep by Atomics",
    path: "test/a.test.ts",
    text: `Atomics.wait(a, 0, 0, 5);`,
    line: 1,
  },
  {
    name: "a hidden clock",
    path: "packages/a/src/a.ts",
    text: `export const t = new Date();`,
    line: 1,
  },
];

for (const { name, path, text, line } of PLANTED) {
  test(`${name} is found`, () => {
    const { messages, passed } = problems({ [path]: text });
    assert.ok(!passed);
    assert.ok(messages.startsWith(`${path}:${line} `), messages);
  });
}

test("a timer that only ends a long wait is no sleep", () => {
  const text = [
    `const t = setTimeout(() => abort(), 1000);`,
    `await new Promise((resolve, reject) => { socket.on("open", resolve); setTimeout(reject, 9); });`,
    `clock.sleep(5); network.delay(3); await once(child, "exit"); const d = new Date(5);`,
  ].join("\n");
  assert.equal(problems({ "packages/a/src/a.test.ts": text }).messages, "");
});

test("a word in a string or a name is no leftover", () => {
  assert.equal(problems({ "scripts/a.ts": `export const a = "${"TO"}DO";` }).messages, "");
});
