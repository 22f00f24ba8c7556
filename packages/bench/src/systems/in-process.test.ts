import assert from "node:assert/strict";
import { test } from "node:test";
import { Summer } from "./in-process.ts";

const values = Array.from({ length: 16 }, (_, index) => ({ n: (index * 7919) % 1000 }));
const published = values.length * 3;

function faultsOf(change: (delivered: { n: number }[]) => unknown): string {
  const delivered = Array.from({ length: published }, (_, index) => {
    const { n } = values[index % values.length] ?? { n: 0 };
    return { n };
  });
  change(delivered);
  const summer = new Summer();
  for (const value of delivered) summer.take(value);
  return summer.faults(values, published).join();
}

test("values that came once each and in order are well", () => {
  assert.equal(
    faultsOf(() => {}),
    "",
  );
});

test("one value lost, doubled, exchanged with the next or changed is found", () => {
  assert.equal(
    faultsOf((all) => all.splice(5, 1)),
    "1 lost",
  );
  assert.equal(
    faultsOf((all) => all.splice(5, 0, { n: 1 })),
    "1 duplicated",
  );
  assert.match(
    faultsOf((all) => all.splice(5, 2, all[6] ?? { n: 0 }, all[5] ?? { n: 0 })),
    /^reordered/,
  );
  assert.match(
    faultsOf((all) => all.splice(5, 1, { n: 1001 })),
    /^corrupted/,
  );
});

test("one lost and another doubled do not make up for each other", () => {
  assert.notEqual(
    faultsOf((all) => {
      all.splice(5, 1);
      all.push({ n: 3 });
    }),
    "",
  );
});
