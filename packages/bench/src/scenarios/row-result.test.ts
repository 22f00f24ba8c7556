import assert from "node:assert/strict";
import { test } from "node:test";
import type { SystemName } from "../systems/registry.ts";
import type { Row } from "./row.ts";
import { compare, type Part, summarize, type SystemSamples } from "./row-result.ts";

const policy = { batching: "", acknowledgement: "", flow: "" };

function samplesOf(
  name: SystemName,
  part: Part,
  values: readonly (number | undefined)[],
): SystemSamples {
  const samples = values.map((value) =>
    value === undefined ? undefined : { value, details: { twice: value * 2 }, faults: [] },
  );
  return { name, part, policy, samples };
}

function rowOf(change: Partial<Row>): Row {
  return {
    title: "a row",
    scenario: "B3",
    unit: "x",
    better: "higher",
    ours: "omnibus",
    peers: ["nats", "redis"],
    ceilings: ["plain forwarder"],
    bounds: [{ against: "nats", floor: 2, goal: 4 }],
    measure: () => Promise.reject(new Error("not run here")),
    ...change,
  };
}

const systems = [
  samplesOf("omnibus", "ours", [300, 30, 300]),
  samplesOf("nats", "peer", [100, 10, 100]),
  samplesOf("redis", "peer", [150, 15, 200]),
  samplesOf("plain forwarder", "ceiling", [600, 60, 600]),
];

test("a row carries the ratio of its bound, of the best peer and of the ceiling", () => {
  const comparisons = compare(rowOf({}), systems);
  assert.deepEqual(
    comparisons.map(({ against, as, ratio, reached }) => [against, as, ratio.median, reached]),
    [
      ["nats", "bound", 3, "floor"],
      ["redis", "best peer", 2, "not asked"],
      ["plain forwarder", "ceiling", 0.5, "not asked"],
    ],
  );
});

test("where less is better, floor and goal are upper limits and the best peer is the smallest", () => {
  const row = rowOf({ better: "lower", bounds: [{ against: "nats", floor: 4, goal: 3 }] });
  const [bound] = compare(row, systems);
  assert.equal(bound?.reached, "goal");
  const strict = rowOf({ better: "lower", bounds: [{ against: "nats", floor: 2.9 }] });
  const [missed] = compare(strict, systems);
  assert.equal(missed?.reached, "missed");
});

test("a run that did not count takes its partner out of the pairs, and stays visible", () => {
  const withHole = [samplesOf("omnibus", "ours", [300, undefined, 100]), ...systems.slice(1)];
  const [bound] = compare(rowOf({}), withHole);
  assert.deepEqual(bound?.ratio, { median: 2, min: 1, max: 3, count: 2 });
  const [first] = withHole;
  assert.deepEqual(first === undefined ? [] : summarize(first).samples, [300, null, 100]);
});

test("a bound against nothing looks at ours, and may look at another figure", () => {
  const bounds = [{ against: undefined, floor: 1000, detail: "twice" }];
  const [bound] = compare(rowOf({ bounds }), systems);
  assert.equal(bound?.ratio.median, 600);
  assert.equal(bound?.reached, "missed");
});

test("without ours there is nothing to compare", () => {
  assert.deepEqual(compare(rowOf({}), systems.slice(1)), []);
});
