import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { bodyBytes, type PlainRecord, toHex } from "../testing/index.ts";
import { Address } from "./address.ts";
import { AddressList } from "./address-list.ts";
import { BodyReader } from "./body.ts";
import { isBodyIntact } from "./frame.ts";
import { type SplitRun, splitRun } from "./split-run.ts";

const addresses = [1, 2, 3].map((number) => new Address(number, "topic", `t/${number}`));

function listOf(indexes: readonly number[]): AddressList {
  const list = new AddressList();
  for (const index of indexes) list.add(addresses[index] as Address);
  return list;
}

/** What a body says, one line for each record. */
function linesOf({ slab, bodyStart, bodyEnd }: Omit<SplitRun, "address">): string[] {
  assert.ok(isBodyIntact(slab.bytes, bodyStart, bodyEnd));
  const reader = new BodyReader();
  reader.open(slab.bytes, bodyStart, bodyEnd);
  const lines: string[] = [];
  while (reader.next()) {
    const payload = slab.bytes.slice(reader.payloadStart, reader.payloadEnd);
    lines.push(`${reader.recordFlags} ${reader.recordTimeMs} ${toHex(payload)}`);
  }
  return lines;
}

const bodyOf = (records: readonly PlainRecord[], timeMs?: number): Uint8Array =>
  bodyBytes({ records, ...(timeMs === undefined ? {} : { timeMs }) });

test("each address gets its records as a body of its own, in order [WIRE-4.5]", () => {
  const payload = fc.uint8Array({ maxLength: 40 });
  const id = fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined });
  const records = fc.array(fc.tuple(fc.nat(2), payload, id), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(records, fc.option(fc.nat(2 ** 45), { nil: undefined }), (given, timeMs) => {
      const plain = given.map(([, bytes, own]) =>
        own === undefined ? { payload: bytes } : { payload: bytes, id: own },
      );
      const whole = bodyOf(plain, timeMs);
      const runs = splitRun(listOf(given.map(([to]) => to)), whole, 0, whole.length);
      let at = 0;
      for (const run of runs) {
        const start = at;
        while (at < given.length && addresses[given[at]?.[0] ?? 0] === run.address) at++;
        const expected = bodyOf(plain.slice(start, at), timeMs);
        const slab = { bytes: expected } as SplitRun["slab"];
        const lines = linesOf({ slab, bodyStart: 0, bodyEnd: expected.length });
        assert.deepEqual(linesOf(run), lines);
      }
      assert.equal(at, given.length);
    }),
  );
});

test("more or fewer records than addresses, or a body that is cut off, is refused as bad-run", () => {
  const whole = bodyOf([{ payload: new Uint8Array(3) }, { payload: new Uint8Array(3) }]);
  for (const indexes of [[0], [0, 1, 2]]) {
    assert.throws(() => splitRun(listOf(indexes), whole, 0, whole.length), { code: "bad-run" });
  }
  for (let end = 5; end < whole.length; end++) {
    assert.throws(
      () => splitRun(listOf([0, 1]), whole, 0, end),
      (error) => error instanceof OmnibusError && error.code === "bad-run",
      `cut at ${end}`,
    );
  }
});

test("a body with a producer is not cut: each part would have its id [WIRE-4.5]", () => {
  const producer = { id: new Uint8Array(16), incarnation: 1, runNumber: 1 };
  const whole = bodyBytes({ producer, records: [{ payload: Uint8Array.of(1) }] });
  assert.throws(
    () => splitRun(listOf([0]), whole, 0, whole.length),
    new OmnibusError("bad-run", "a run for several addresses has a producer"),
  );
});
