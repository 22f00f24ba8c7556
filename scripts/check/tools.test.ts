import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { plantTree, type PlantedTree } from "./planted-tree.ts";
import { toolCommand } from "./tool-command.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const SRC = "packages/omnibus/src";
const CONFIGS = [
  ".oxlintrc.json",
  "tsconfig.json",
  "tsconfig.base.json",
  "tsconfig.universal.json",
  "tsconfig.node.json",
];

function plantWorkspace(files: Record<string, string>): PlantedTree {
  const tree = plantTree(files);
  for (const name of CONFIGS) copyFileSync(join(ROOT, name), join(tree.root, name));
  symlinkSync(join(ROOT, "node_modules"), join(tree.root, "node_modules"), "junction");
  return tree;
}

function runTool(tree: PlantedTree, name: "oxlint" | "tsc", args: string[]): string {
  const [file, ...rest] = toolCommand(ROOT, name);
  const { stdout, stderr } = spawnSync(file, [...rest, ...args], {
    cwd: tree.root,
    encoding: "utf8",
  });
  return `${stdout}${stderr}`;
}

const LINT: { code: string; rule: string }[] = [
  { code: `setTimeout(() => {}, 1);`, rule: "no-restricted-globals" },
  { code: `setInterval(() => {}, 1);`, rule: "no-restricted-globals" },
  { code: `setImmediate(() => {});`, rule: "no-restricted-globals" },
  { code: `globalThis.setTimeout(() => {}, 1);`, rule: "no-restricted-properties" },
  { code: `export const a = Date.now();`, rule: "no-restricted-properties" },
  { code: `export const a = performance.now();`, rule: "no-restricted-properties" },
  { code: `export const a = Math.random();`, rule: "no-restricted-properties" },
  { code: `export const a = AbortSignal.timeout(5);`, rule: "no-restricted-properties" },
  { code: `import { setTimeout as a } from "node:timers";\na();`, rule: "no-restricted-imports" },
  { code: `export const a: any = 1;`, rule: "no-explicit-any" },
  { code: `export const f = (a?: string): string => a!;`, rule: "no-non-null-assertion" },
  { code: `async function f(): Promise<void> {}\nf();`, rule: "no-floating-promises" },
  { code: `const a = 1;\nexport default a;`, rule: "no-default-export" },
  { code: `import type { B } from "./b.ts";\nexport type A = B;`, rule: "no-cycle" },
];

test("lint finds what the house style bans", () => {
  const planted = LINT.map(({ code }, i): [string, string] => [`${SRC}/bus/case-${i}.ts`, code]);
  const cycle = LINT.findIndex(({ rule }) => rule === "no-cycle");
  using tree = plantWorkspace({
    ...Object.fromEntries(planted),
    [`${SRC}/bus/b.ts`]: `import type { A } from "./case-${cycle}.ts";\nexport type B = A;`,
  });
  const output = runTool(tree, "oxlint", ["-f", "unix", "packages"]).split("\n");
  LINT.forEach(({ code, rule }, i) => {
    const found = output.some(
      (line) => line.includes(`case-${i}.ts:`) && line.includes(`(${rule})`),
    );
    assert.ok(found, `${rule} did not find ${code}\n${output.join("\n")}`);
  });
});

test("lint lets the clock's and the random source's homes be, and checked indexes too", () => {
  const clocks = `export const a: unknown[] = [setTimeout, Date.now(), performance.now()];`;
  using tree = plantWorkspace({
    [`${SRC}/base/clock.ts`]: clocks,
    [`${SRC}/base/random.ts`]: `export const a: number = Math.random();`,
    [`packages/bench/src/a.ts`]: clocks,
    [`${SRC}/wire/a.ts`]: `export const f = (b: Uint8Array): number => b[0] as number;`,
  });
  assert.match(runTool(tree, "oxlint", ["packages"]), /Found 0 warnings and 0 errors/);
});

test("the universal project refuses what only Node has", () => {
  using tree = plantWorkspace({
    [`${SRC}/wire/a.ts`]: `import { readFileSync } from "node:fs";\nexport const a: unknown = readFileSync;`,
    [`${SRC}/bus/b.ts`]: `export const a: unknown = Buffer.alloc(1);`,
    [`${SRC}/base/c.ts`]: `export const a: unknown = process.pid;`,
  });
  const output = runTool(tree, "tsc", ["-p", "tsconfig.universal.json"]);
  for (const name of ["wire/a.ts", "bus/b.ts", "base/c.ts"])
    assert.ok(output.includes(name), output);
});
