import assert from "node:assert/strict";
import { test } from "node:test";
import { allRows } from "../scenarios/all-rows.ts";
import { committedReport, fillPage, NO_RESULT, type Page, pages, readPage } from "./publish.ts";
import { loadReasons, reasonKey } from "./reasons.ts";
import type { Report } from "./report.ts";

const page: Page = { path: "a page", marker: "numbers", form: "all" };
const text = "before\n<!-- numbers: begin (by hand) -->\nold\n<!-- numbers: end -->\nafter\n";
const spread = { median: 3, min: 2, max: 4, count: 5 };
const report: Report = {
  form: "full",
  date: "2026-11-25T00:00:00.000Z",
  seconds: 1,
  machine: { cpu: "2 x test", memory: "1 GiB", kernel: "6", node: "v24" },
  versions: { "nats-server": "2.9.10" },
  leftOut: [],
  rows: [
    {
      title: "B3 a row",
      scenario: "B3",
      unit: "messages/s",
      better: "higher",
      rounds: 5,
      faults: [],
      skipped: [],
      systems: [
        {
          name: "omnibus",
          part: "ours",
          policy: { batching: "", acknowledgement: "", flow: "" },
          value: spread,
          details: {},
          samples: [2, 3, 4],
        },
      ],
      comparisons: [{ against: "nats", as: "bound", ratio: spread, floor: 6, reached: "missed" }],
    },
  ],
};

for (const shown of pages) {
  test(`${shown.path} shows what packages/bench/results/full.json says`, () => {
    const now = readPage(shown);
    const expected = fillPage(now, shown, committedReport(), loadReasons());
    assert.equal(now, expected, "out of date: npm run bench -- --publish");
  });
}

test("a page is filled between its comments, with the reason of what is missed", () => {
  const filled = fillPage(text, page, report, { "B3 a row / nats": "it rained" });
  assert.match(filled, /^before\n<!-- numbers: begin \(by hand\) -->\n2026-11-25, 2 x test/);
  assert.match(filled, /\| B3 a row \| 3\.00 \(2\.00 to 4\.00\) messages\/s \| /);
  assert.match(filled, /ours \/ nats 3\.00 .*floor 6\.00 MISSED \(it rained\)/);
  assert.match(filled, /<!-- numbers: end -->\nafter\n$/);
  assert.doesNotMatch(filled, /old/);
  assert.match(fillPage(text, page, report, {}), /the reason is not known yet/);
});

test("in short, a miss is not hidden, and rows of which nothing is asked are left out", () => {
  const [row] = report.rows;
  assert.ok(row !== undefined);
  const unasked = { ...row, title: "B3 unasked", comparisons: [] };
  const rows = [row, unasked];
  const filled = fillPage(text, { ...page, form: "summary" }, { ...report, rows }, {});
  assert.match(
    filled,
    /\| B3 a row \| 3\.00 messages\/s \| 3\.00 × nats \*\*\(floor 6\.00 missed\)\*\* \| {2}\|/,
  );
  assert.doesNotMatch(filled, /unasked/);
});

test("without a result the page says so, and without its comments nothing is written", () => {
  assert.ok(fillPage(text, page, undefined, {}).includes(NO_RESULT));
  assert.throws(() => fillPage("nothing", page, report, {}), /has no comments/);
});

test("a run that lost something is not shown", () => {
  const rows = report.rows.map((row) => ({ ...row, faults: ["nats: 1 lost"] }));
  assert.throws(() => fillPage(text, page, { ...report, rows }, {}), /1 lost/);
});

test("every reason belongs to a floor that is asked for", () => {
  const asked = new Set(
    allRows.flatMap(({ title, bounds }) => bounds.map((bound) => reasonKey(title, bound))),
  );
  const unknown = Object.keys(loadReasons()).filter((key) => !asked.has(key));
  assert.deepEqual(unknown, []);
});
