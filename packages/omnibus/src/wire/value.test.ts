import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "./byte-writer.ts";
import { formatBytes, formatCbor, formatJson, formatText } from "./record-flags.ts";
import { decodeValue, encodeValue } from "./value.ts";

const isBadValue = (error: unknown): boolean =>
  error instanceof OmnibusError && error.code === "bad-value";

function decode(format: 0 | 1 | 2 | 3, text: string | Uint8Array): unknown {
  const bytes = Buffer.concat([Buffer.from("<"), Buffer.from(text as string), Buffer.from(">")]);
  return decodeValue(format, bytes, 1, bytes.length - 1);
}

test("bytes travel as they are, strings as UTF-8, the rest as CBOR", () => {
  const cases: [value: unknown, format: number, hex: string][] = [
    [Buffer.from([1, 2]), formatBytes, "0102"],
    [new Uint8Array(), formatBytes, ""],
    ["aé", formatText, "61c3a9"],
    ["", formatText, ""],
    [null, formatCbor, "f6"],
    [undefined, formatCbor, "f7"],
    [{ a: "b" }, formatCbor, "a161616162"],
  ];
  for (const [value, format, hex] of cases) {
    const writer = new ByteWriter(1000);
    assert.equal(encodeValue(value, writer), format);
    assert.equal(Buffer.from(writer.view()).toString("hex"), hex);
  }
});

test("values come back from between other bytes", () => {
  const any = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.jsonValue());
  fc.assert(
    fc.property(any, (value) => {
      const writer = new ByteWriter(1e6);
      writer.u8(0xff);
      const format = encodeValue(value, writer);
      const end = writer.at;
      writer.u8(0xff);
      assert.deepEqual(decodeValue(format, writer.bytes, 1, end), value);
    }),
  );
});

test("what cannot be encoded leaves nothing behind", () => {
  for (const value of ["a\ud800", ["a\ud800"], () => {}]) {
    const writer = new ByteWriter(1000);
    assert.throws(() => encodeValue(value, writer), isBadValue);
    assert.equal(writer.at, 0);
  }
  const writer = new ByteWriter(2000, 8);
  const isTooBig = (error: unknown): boolean =>
    error instanceof OmnibusError && error.code === "too-big";
  assert.throws(() => encodeValue("é".repeat(1001), writer), isTooBig);
  assert.throws(() => encodeValue(new Uint8Array(2001), writer), isTooBig);
  assert.equal(writer.at, 0);
});

test("format bytes gives a view of the memory that was read", () => {
  const memory = Buffer.from([1, 2, 3]);
  const value = decodeValue(formatBytes, memory, 1, 3);
  memory[1] = 9;
  assert.deepEqual(value, Uint8Array.of(9, 3));
});

test("JSON is read with own fields only", () => {
  const value = decode(formatJson, '{"__proto__": {"x": 1}, "a": [1, "]\\"}"]}') as object;
  assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
  assert.equal("x" in value, false);
});

test("a payload that is not of its format is refused", () => {
  for (const text of ["", "{", "nul", "[1,]", '"a', '"\\', "\ufeff1", "1 2"]) {
    assert.throws(() => decode(formatJson, text), isBadValue, text);
  }
  for (const bytes of [[0xff], [0xc3], [0x22, 0xff, 0x22], [0xed, 0xa0, 0x80]]) {
    assert.throws(() => decode(formatText, Uint8Array.from(bytes)), isBadValue);
    assert.throws(() => decode(formatJson, Uint8Array.from(bytes)), isBadValue);
    assert.throws(
      () => decode(formatCbor, Uint8Array.from([0x60 + bytes.length, ...bytes])),
      isBadValue,
    );
  }
});

test("JSON may be nested 64 deep, brackets in strings do not count", () => {
  assert.ok(decode(formatJson, "[".repeat(64) + "]".repeat(64)));
  assert.throws(
    () => decode(formatJson, "[".repeat(65) + "]".repeat(65)),
    /more than 64 deep, at byte 64/,
  );
  assert.throws(() => decode(formatJson, '{"a":'.repeat(100_000)), isBadValue);
  const text = JSON.stringify(["[".repeat(100), '"[\\"'.repeat(40)]);
  assert.deepEqual(decode(formatJson, text), JSON.parse(text));
  const wide = JSON.stringify(Array.from({ length: 200 }, () => [{}]));
  assert.deepEqual(decode(formatJson, wide), JSON.parse(wide));
});
