/** The battery finds what is wrong: each quick row on a server with a planted fault. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { plantedFaults } from "./planted-faults.ts";
import { tryFault } from "./try-fault.ts";

for (const fault of plantedFaults.filter(({ isQuick }) => isQuick)) {
  test(`battery, ${fault.row.name} finds a server with ${fault.name}`, async () => {
    const { hasPassed, faults } = await tryFault(fault, {
      tier: 0,
      isTest: true,
      progress: () => {},
    });
    assert.equal(hasPassed, false);
    assert.match(faults.join("\n"), fault.found);
  });
}
