import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "./byte-writer.ts";

const hex = (writer: ByteWriter): string => Buffer.from(writer.view()).toString("hex");

const isTooBig = (error: unknown): boolean =>
  error instanceof OmnibusError && error.code === "too-big" && error.message.includes("32 bytes");

test("numbers, bytes and text are written one after another", () => {
  const writer = new ByteWriter(1000, 1);
  writer.u8(0xfe);
  writer.varint(300);
  writer.f64(1.1);
  writer.f32(1.5);
  writer.u32(0xdeadbeef);
  writer.raw(Uint8Array.of(1, 2));
  assert.equal(writer.utf8("aé"), 3);
  assert.equal(hex(writer), "feac023ff199999999999a3fc00000deadbeef010261c3a9");
});

test("varints go up to 2^53 - 1", () => {
  const writer = new ByteWriter(100);
  for (const value of [0, 127, 128, 2 ** 28, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) {
    writer.reset();
    writer.varint(value);
    const read = writer.view().reduceRight((sum, byte) => sum * 128 + (byte & 0x7f), 0);
    assert.equal(read, value);
  }
});

test("text of any kind and length becomes what TextEncoder makes of it", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((c) => String.fromCharCode(c)) }),
    fc.constantFrom("\ud800", "a\udc00b", "\ud83d\ud83d\ude00", "é".repeat(5000)),
  );
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 4 }),
      fc.integer({ min: 0, max: 40 }),
      (texts, initial) => {
        const writer = new ByteWriter(1e6, initial);
        for (const each of texts) {
          assert.equal(writer.utf8(each), new TextEncoder().encode(each).length);
        }
        // Encoded one by one, as halves of a pair in two texts do not join.
        const expected = Buffer.concat(texts.map((each) => new TextEncoder().encode(each)));
        assert.equal(hex(writer), expected.toString("hex"));
      },
    ),
    { numRuns: 500 },
  );
});

test("exactly the limit fits, one byte more is too big", () => {
  const writes: ((writer: ByteWriter) => void)[] = [
    (writer) => writer.u8(1),
    (writer) => writer.varint(127),
    (writer) => writer.raw(Uint8Array.of(1)),
    (writer) => writer.utf8("a"),
  ];
  for (const write of writes) {
    const writer = new ByteWriter(32, 4);
    for (let n = 0; n < 32; n++) write(writer);
    assert.throws(() => write(writer), isTooBig);
    assert.equal(writer.at, 32);
  }
  const writer = new ByteWriter(32);
  assert.equal(writer.utf8("é".repeat(16)), 32);
  writer.reset();
  assert.throws(() => writer.utf8("é".repeat(17)), isTooBig);
  assert.throws(() => writer.utf8("a".repeat(33)), isTooBig);
  assert.throws(() => writer.ensure(33), isTooBig);
});

test("reset keeps the memory, unless it grew over 1 MiB", () => {
  const writer = new ByteWriter(1 << 22, 64);
  writer.raw(new Uint8Array(5000));
  const { bytes } = writer;
  writer.reset();
  assert.equal(writer.bytes, bytes);
  writer.raw(new Uint8Array((1 << 20) + 1));
  writer.reset();
  assert.equal(writer.bytes.length, 64);
  writer.f64(1);
  assert.equal(hex(writer), "3ff0000000000000");
});
