import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { fromHex, toHex } from "../testing/index.ts";
import { ContentReader } from "./content-reader.ts";
import { maxVarintBytes } from "./sizes.ts";
import { varintLength, writePaddedVarint, writeVarint } from "./varint.ts";

const read = (bytes: Uint8Array): number => {
  const content = new ContentReader(bytes, 0, bytes.length, "a test");
  const value = content.varint();
  content.close();
  return value;
};

const golden: [value: number, hex: string][] = [
  [0, "00"],
  [1, "01"],
  [127, "7f"],
  [128, "8001"],
  [300, "ac02"],
  [16_383, "ff7f"],
  [16_384, "808001"],
  [2_097_151, "ffff7f"],
  [2_097_152, "80808001"],
  [268_435_455, "ffffff7f"],
  [268_435_456, "8080808001"],
  [2 ** 35 - 1, "ffffffff7f"],
  [2 ** 35, "808080808001"],
  [2 ** 49 - 1, "ffffffffffff7f"],
  [2 ** 49, "8080808080808001"],
  [Number.MAX_SAFE_INTEGER, "ffffffffffffff0f"],
];

for (const [value, hex] of golden) {
  test(`${value} is ${hex} [WIRE-1.1]`, () => {
    const bytes = new Uint8Array(maxVarintBytes);
    const end = writeVarint(bytes, 0, value);
    assert.equal(toHex(bytes.subarray(0, end)), hex);
    assert.equal(varintLength(value), end);
    assert.equal(read(fromHex(hex)), value);
  });
}

test("any number up to 2^53 - 1 comes back, padded to any width too [WIRE-1.2]", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.integer({ min: 4, max: 8 }), (value, width) => {
      const bytes = new Uint8Array(8);
      const end = writeVarint(bytes, 0, value);
      assert.equal(end, varintLength(value));
      assert.equal(read(bytes.subarray(0, end)), value);
      const small = value % 2 ** 28;
      writePaddedVarint(bytes, 0, small, width);
      assert.equal(read(bytes.subarray(0, width)), small);
    }),
  );
});

test("numbers that are cut off, of more than 53 bits or more than 8 bytes are refused", () => {
  for (const hex of [
    "",
    "80",
    "ffffff",
    "ffffffffffffff10",
    "ffffffffffffff7f",
    "808080808080808000",
  ]) {
    assert.throws(
      () => read(fromHex(hex)),
      (error) => error instanceof OmnibusError && error.code === "bad-run",
      hex,
    );
  }
});
