import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import test from "node:test";
import { plantTree } from "../check/planted-tree.ts";
import type { TestResult } from "./run-tests.ts";

const HERE = resolve(import.meta.dirname);

// In a process of its own: a test run inside a test run does nothing.
function runPlanted(files: Record<string, string>, options = "{}"): TestResult {
  const main = `
    import { runTests } from ${JSON.stringify(join(HERE, "run-tests.ts"))};
    const nothing = () => {};
    const progress = { testPassed: nothing, testFailed: nothing, fileDone: nothing, output: nothing, end: nothing };
    const files = ${JSON.stringify(Object.keys(files))}.map((name) => import.meta.dirname + "/" + name);
    console.log(JSON.stringify(await runTests({ files, progress, ...${options} })));
  `;
  using tree = plantTree({ ...files, "main.mjs": main });
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, [join(tree.root, "main.mjs")], {
    env,
    encoding: "utf8",
  });
  assert.ok(stdout !== "", stderr);
  return JSON.parse(stdout) as TestResult;
}

const IMPORT = `import test, { suite } from "node:test";\n`;

test("tests are counted, suites and parents of failed subtests are not", () => {
  const { passed, failed, skipped, failures } = runPlanted({
    "a.test.mjs": `${IMPORT}
      test("one", () => {});
      suite("S", () => { test("two", () => {}); test("bad", () => { throw new Error("why"); }); });
      test("parent", async (t) => { await t.test("sub", () => { throw new Error("sub"); }); });
      test("not here", { skip: "no reason" }, () => {});`,
    "b.test.mjs": `${IMPORT} test("three", () => {});`,
  });
  assert.deepEqual({ passed, failed, skipped }, { passed: 3, failed: 2, skipped: 1 });
  assert.deepEqual(failures.map(({ name }) => name).sort(), ["bad", "sub"]);
  assert.match(failures.find(({ name }) => name === "bad")?.text ?? "", /Error: why/);
});

test("a file that throws, exits or holds no test has failed", () => {
  const { passed, failed } = runPlanted({
    "throws.test.mjs": `throw new Error("at once");`,
    "exits.test.mjs": `${IMPORT} test("never", () => process.exit(3));`,
    "empty.test.mjs": `export const a = 1;`,
  });
  assert.deepEqual({ passed, failed }, { passed: 0, failed: 3 });
});

test("a file that takes too long has failed", () => {
  const files = {
    "hangs.test.mjs": `${IMPORT} test("hangs", () => new Promise(() => setInterval(() => {}, 1e6)));`,
  };
  const { passed, failed } = runPlanted(files, "{ fileTimeoutMs: 700 }");
  assert.equal(passed, 0);
  assert.ok(failed > 0);
});

test("where what tests need was installed, a skip for want of it has failed", () => {
  const files = {
    "a.test.mjs": `${IMPORT} test("a", { skip: "needs foo: apt-get install foo" }, () => {}); test("b", () => {});`,
  };
  const lenient = runPlanted(files);
  assert.deepEqual([lenient.passed, lenient.failed, lenient.skipped], [1, 0, 1]);
  const strict = runPlanted(files, "{ areNeedsMet: true }");
  assert.deepEqual([strict.passed, strict.failed, strict.skipped], [1, 1, 0]);
});
