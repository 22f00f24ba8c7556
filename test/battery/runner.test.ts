import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allRows } from "./all-rows.ts";
import { chosenRows, helpText, parseCommand } from "./command-line.ts";
import { laterRows } from "./later-rows.ts";
import { plantedFaults } from "./planted/planted-faults.ts";
import { renderPlanted } from "./planted/run-planted.ts";
import { renderTable } from "./report/table.ts";
import { failureRateBound, type Outcome, type Row } from "./row.ts";
import { runRow, runRows } from "./run-rows.ts";

const clean: Outcome = { count: 1000, unit: "tries", observed: ["seen"], faults: [] };
const rowOf = (run: Row["run"]): Row => ({
  name: "planted",
  what: "nothing",
  tiers: { 0: "once", 1: "twice" },
  isQuick: false,
  run,
});
const quiet = { tier: 0, isTest: true, progress: () => {} } as const;
const silent = { began: () => {}, progress: () => {}, ended: () => {} };

test("1,000 clean tries leave a failure rate under 0.3 %", async () => {
  const result = await runRow(
    rowOf(() => Promise.resolve(clean)),
    quiet,
  );
  assert.equal(result.hasPassed, true);
  assert.equal(result.failureRateBelow, 0.003);
  assert.match(renderTable([result], []), /1,000 tries, failure rate under 0\.3 % at 95 %/);
  assert.equal(failureRateBound(2), 1);
  assert.equal(failureRateBound(0), undefined);
});

test("a row with a fault, without a try, or that cannot be run has failed", async () => {
  const planted: readonly Row["run"][] = [
    () => Promise.resolve({ ...clean, faults: ["planted"] }),
    () => Promise.resolve({ ...clean, count: 0 }),
    () => Promise.reject(new Error("planted")),
  ];
  const results = await runRows(planted.map(rowOf), { tier: 0 }, silent);
  for (const result of results) {
    assert.equal(result.hasPassed, false);
    assert.equal(result.failureRateBelow, undefined);
    assert.match(
      renderTable([result], []),
      /FAIL {2}planted[^]*FAULT (planted|nothing tried|could not)/,
    );
  }
});

test("the command line is read, and refused by name", () => {
  assert.deepEqual(parseCommand([]), {
    tier: 0,
    rows: [],
    isPlanted: false,
    results: undefined,
    isJson: false,
    isHelp: false,
  });
  assert.deepEqual(parseCommand(["--tier", "1", "--rows", "a, b", "--json"]), {
    tier: 1,
    rows: ["a", "b"],
    isPlanted: false,
    results: undefined,
    isJson: true,
    isHelp: false,
  });
  assert.throws(() => parseCommand(["--tier", "2"]), /--tier is 0 or 1, not 2/);
  assert.throws(() => parseCommand(["--teir", "1"]), /--teir/);
  assert.throws(() => chosenRows(allRows, ["no-such"]), /no row begins with no-such/);
  assert.equal(chosenRows(allRows, ["decoders"]).length, 1);
});

test("every row is told in the help, and those to come by what they wait for", () => {
  const names = [...allRows, ...laterRows].map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name } of allRows) assert.ok(helpText(allRows).includes(`  ${name}`));
  for (const { name, needs } of laterRows) {
    assert.ok(needs.length > 0);
    assert.ok(renderTable([], laterRows).includes(`${name}: needs ${needs}`));
  }
});

test("`npm run battery -- --help` prints the help, and wrong usage ends with 2", () => {
  const main = join(import.meta.dirname, "main.ts");
  const run = (...args: string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, ["--conditions=omnibus-source", main, ...args], {
      encoding: "utf8",
    });
  const help = run("--help");
  assert.equal(help.status, 0);
  assert.match(String(help.stdout), /npm run battery/);
  const wrong = run("--tier", "x");
  assert.equal(wrong.status, 2);
  assert.match(String(wrong.stderr), /--tier is 0 or 1/);
});

test("a planted fault counts as found only if its row tells of it", () => {
  const result = { fault: "f", row: "r", isFound: true, said: "told", seconds: 1 };
  const text = renderPlanted([result, { ...result, isFound: false, said: "it passed" }]);
  assert.match(text, /^found {3}r on a server with f: told \(1 s\)\nMISSED {2}r .*it passed/);
  assert.match(text, /1 found, 1 missed/);
  for (const { name, row } of plantedFaults) {
    assert.ok(allRows.includes(row), row.name);
    const file = new URL(`./planted/faults/${name}.ts`, import.meta.url);
    assert.ok(existsSync(file), name);
  }
});
