import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { FAULT_VARIABLE } from "../src/middles/roles.ts";
import { measureIdle } from "../src/scenarios/measure-idle.ts";
import { measureMiddleLatency, measureMiddleRate } from "../src/scenarios/measure-middles.ts";
import { measureLatency, measureRate } from "../src/scenarios/measure-programs.ts";
import { measureRequests } from "../src/scenarios/measure-requests.ts";

const system = "planted fault";
const input = { system, size: 256, topicCount: 1, warmupMs: 10, windowMs: 100 } as const;
/** Enough for the fault, which is done to the 70th message. */
const PER_SECOND = 5000;

/** Everything that counts deliveries, in the order of the table. */
const measurements: Readonly<
  Record<string, () => Promise<{ readonly faults: readonly string[] }>>
> = {
  "programs, rate": () => measureRate(input),
  "programs, open loop": () => measureLatency(input, PER_SECOND),
  "middles, rate": () => measureMiddleRate({ ...input, connections: 1 }),
  "middles, fan-out": () => measureMiddleRate({ ...input, connections: 3 }),
  "middles, open loop": () => measureMiddleLatency({ ...input, connections: 3 }, PER_SECOND),
  "requests, 8 in flight": () => measureRequests({ ...input, inFlight: 8 }),
};

const expected: Readonly<Record<string, RegExp | undefined>> = {
  none: undefined,
  lost: /lost|without reply|wrong replies/,
  duplicated: /duplicated|unexpected|corrupted or lost|wrong replies/,
  reordered: /reordered|corrupted or lost|wrong replies/,
  corrupted: /lost|corrupted|wrong replies/,
};

afterEach(() => {
  delete process.env[FAULT_VARIABLE];
});

for (const [fault, pattern] of Object.entries(expected)) {
  test(`a middle with one message ${fault}: every measurement ${pattern ? "finds it" : "passes"}`, async () => {
    process.env[FAULT_VARIABLE] = fault;
    for (const [name, measure] of Object.entries(measurements)) {
      const { faults } = await measure();
      if (pattern === undefined) assert.deepEqual(faults, [], name);
      else assert.match(faults.join("; "), pattern, name);
    }
  });
}

for (const [name, measure] of Object.entries({
  programs: () => measureLatency(input, PER_SECOND),
  middles: () => measureMiddleLatency({ ...input, connections: 3 }, PER_SECOND),
})) {
  test(`one message reordered in the open loop of ${name} is found`, async () => {
    process.env[FAULT_VARIABLE] = "reordered";
    assert.match((await measure()).faults.join("; "), /reordered|corrupted or lost/);
  });
}

test("an idle connection that the middle ends is missed", async () => {
  process.env[FAULT_VARIABLE] = "hung up";
  assert.deepEqual((await measureIdle(system, 20)).faults, ["1 of 20 cut off"]);
});
