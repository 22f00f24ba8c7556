import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULT_VARIABLE } from "../src/middles/roles.ts";
import { measureMiddleRate } from "../src/scenarios/measure-middles.ts";
import { measureRate } from "../src/scenarios/measure-programs.ts";

const input = {
  system: "planted fault",
  size: 256,
  topicCount: 1,
  warmupMs: 10,
  windowMs: 50,
} as const;

const expected: Readonly<Record<string, RegExp | undefined>> = {
  none: undefined,
  lost: /lost/,
  duplicated: /duplicated|unexpected|corrupted or lost/,
  reordered: /reordered|corrupted or lost/,
  corrupted: /lost|corrupted/,
};

for (const [fault, pattern] of Object.entries(expected)) {
  test(`a middle with one message ${fault}: both tables ${pattern ? "find it" : "pass"}`, async () => {
    process.env[FAULT_VARIABLE] = fault;
    const programs = await measureRate(input);
    const middles = await measureMiddleRate({ ...input, connections: 1 });
    for (const { faults } of [programs, middles]) {
      if (pattern === undefined) assert.deepEqual(faults, []);
      else assert.match(faults.join("; "), pattern);
    }
  });
}
