import assert from "node:assert/strict";
import { test } from "node:test";
import { allRows } from "./all-rows.ts";
import { formOf } from "./forms.ts";
import { partsOf } from "./run-row.ts";

test("the short form keeps one peer per row and names what it leaves out", () => {
  const { rows, leftOut } = formOf("short", [], allRows);
  assert.ok(rows.length >= 6);
  assert.ok(rows.every(({ peers }) => peers.length <= 1));
  assert.equal(rows.length + leftOut.length, allRows.length);
});

test("the full form leaves nothing out", () => {
  const { rows, leftOut } = formOf("full", [], allRows);
  assert.equal(rows.length, allRows.length);
  assert.deepEqual(leftOut, []);
});

test("rows are picked by how their titles begin", () => {
  const { rows } = formOf("full", ["B6", "B3 middles, 16 B"], allRows);
  assert.deepEqual(
    rows.map(({ title }) => title),
    [
      "B3 middles, 16 B, one topic",
      "B3 middles, 16 B, 1000 topics in turn",
      "B6 requests, 256 B, one at a time: p50",
      "B6 requests, 256 B, 64 in flight",
      "B6 requests in process, 256 B, one at a time: p50",
      "B6 requests in process, 256 B, 64 in flight",
    ],
  );
});

test("every row has a name of its own and asks for a peer that it runs", () => {
  const titles = new Set(allRows.map(({ title }) => title));
  assert.equal(titles.size, allRows.length);
  for (const row of allRows) {
    const systems = [...row.peers, ...row.ceilings];
    for (const { against } of row.bounds) {
      assert.ok(against === undefined || systems.includes(against), row.title);
    }
    assert.ok(row.shortPeer === undefined || [...row.peers, "none"].includes(row.shortPeer));
  }
});

test("the check looks at every system of a kind of row once, and at ours in each", () => {
  const { rows } = formOf("check", [], allRows);
  const programs = rows.filter(({ title }) => title.startsWith("B3 programs"));
  const others = programs.flatMap(({ peers, ceilings }) => [...peers, ...ceilings]);
  assert.deepEqual(others, ["nats", "redis", "mosquitto", "zeromq", "plain forwarder"]);
  assert.ok(programs.length > 4);
});

test("what the check waits for by the clock leaves its minute to the processes that it starts", () => {
  const { rows, timing } = formOf("check", [], allRows);
  const { warmupMs, windowMs, settleMs, rounds } = timing;
  let ms = 0;
  for (const row of rows) {
    const samples = partsOf(row).length * rounds;
    // Idle connections are weighed before and after.
    ms += samples * (row.scenario === "B9" ? 2 * settleMs : warmupMs + windowMs);
  }
  assert.ok(ms < 10_000, `${ms} ms`);
});
