import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "./byte-writer.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";

function decode(hex: string): unknown {
  const bytes = Buffer.from(hex, "hex");
  assert.equal(bytes.length * 2, hex.length, "the hex of the test");
  return decodeCbor(bytes, 0, bytes.length);
}

const isBadValue =
  (words = "") =>
  (error: unknown): boolean => {
    assert.ok(error instanceof OmnibusError, String(error));
    assert.equal(error.code, "bad-value");
    assert.match(error.message, /^\[bad-value\] CBOR at byte \d+: /);
    assert.ok(error.message.includes(words), `${error.message} has no "${words}"`);
    return true;
  };

/** Forms that are not written here but are CBOR, most from RFC 8949, appendix A. */
const foreign: [hex: string, value: unknown][] = [
  ["1800", 0],
  ["190017", 23],
  ["1b0000000000000001", 1],
  ["1bffffffffffffffff", 18446744073709551615n],
  ["3bffffffffffffffff", -18446744073709551616n],
  ["1b0020000000000000", 2n ** 53n],
  ["3b001fffffffffffff", -(2n ** 53n)],
  ["f90000", 0],
  ["f93c00", 1],
  ["f93e00", 1.5],
  ["f97bff", 65504],
  ["f90001", 5.960464477539063e-8],
  ["f90400", 0.00006103515625],
  ["f9c400", -4],
  ["fa7f800000", Infinity],
  ["fb7ff8000000000000", Number.NaN],
  ["c2581b" + "00".repeat(26) + "07", 7n],
  ["c25f41014100ff", 256n],
  ["c1f93c00", new Date(1000)],
  ["c120", new Date(-1000)],
  ["d903e9a20100220a", new Date(10)],
  ["5f42010243030405ff", Uint8Array.of(1, 2, 3, 4, 5)],
  ["5fff", new Uint8Array()],
  ["7f657374726561646d696e67ff", "streaming"],
  ["7fff", ""],
  ["9fff", []],
  ["9f018202039f0405ffff", [1, [2, 3], [4, 5]]],
  ["bf61610161629f0203ffff", { a: 1, b: [2, 3] }],
  ["bf7f6161ff01ff", { a: 1 }],
  ["9b0000000000000001f5", [true]],
  ["d901029f0101ff", new Set([1])],
  ["da00000103bf01020103ff", new Map([[1, 3]])],
  ["a3616101616202616103", { a: 3, b: 2 }],
  // [WIRE-1.3] A byte order mark is a character like any other.
  ["63efbbbf", "\ufeff"],
];

test("other forms of the same values are read, the last of equal keys counts", () => {
  for (const [hex, value] of foreign) assert.deepEqual(decode(hex), value, hex);
  assert.deepEqual(Object.keys(decode("a3616101616202616103") as object), ["a", "b"]);
});

/** Bytes that are refused, with words of the message. */
const malformed: [hex: string, words: string][] = [
  ["", "byte 0: the value ends too early"],
  ["0000", "byte 1: bytes after the end"],
  ["19ff", "too early"],
  ["1bffffffff", "too early"],
  ["fb3ff1", "too early"],
  ["6261", "a length of 2 beyond the end"],
  ["9affffffff00", "a length of 4294967295 beyond the end"],
  ["bb001fffffffffffff", "beyond the end"],
  ["5bffffffffffffffff", "beyond the end"],
  ["a2616101", "beyond the end"],
  ["8201", "beyond the end"],
  ["1c", "0x1c that has no meaning"],
  ["1f", "0x1f that has no meaning"],
  ["ff", "0xff that has no meaning"],
  ["82ff00", "0xff that has no meaning"],
  ["f0", "0xf0 that has no meaning"],
  ["f818", "0xf8 that has no meaning"],
  ["9f", "too early"],
  ["5f4101", "too early"],
  ["7f4101ff", "byte 1: a chunk of another kind"],
  ["5f5f4101ffff", "byte 1: a chunk of another kind"],
  ["bf6161ff", "has no meaning"],
  ["61ff", "byte 1: text that is not UTF-8"],
  ["63eda080", "not UTF-8"],
  ["62c080", "not UTF-8"],
  ["7f61c361a9ff", "not UTF-8"],
  ["a161ff01", "not UTF-8"],
  ["a10102", "byte 1: a key that is not text"],
  ["c074323031332d30332d32315432303a30343a30305a", "byte 0: tag 0"],
  ["d9d9f700", "tag 55799"],
  ["c100" + "00", "bytes after"],
  ["c16161", "tag 1"],
  ["c1c100", "tag 1"],
  ["c1f97e00", "a date that is out of range"],
  ["c1fb7e37e43c8800759c", "a date that is out of range"],
  ["c11bffffffffffffffff", "a date that is out of range"],
  ["d903e9a1" + "0100", "tag 1001"],
  ["d903e9a2010021" + "0a", "tag 1001"],
  ["d903e9a201d903e9a2", "tag 1001"],
  ["c201", "tag 2"],
  ["d90102a0", "tag 258"],
  ["d9010380", "tag 259"],
  ["c25a00010001" + "01".repeat(65537), "a bigint of more than 65536 bytes"],
];

test("malformed bytes are refused with the place", () => {
  for (const [hex, words] of malformed) {
    assert.throws(() => decode(hex), isBadValue(words), hex.slice(0, 40));
  }
});

test("64 levels are read, more are refused whatever nests, without touching the stack", () => {
  assert.ok(decode("81".repeat(64) + "00"));
  const openings = [
    "81",
    "9f",
    "a16161",
    "bf6161",
    "d9010281",
    "d90103a1",
    "d90103a100",
    "c1",
    "c2",
  ];
  for (const opening of [...openings, "d903e9a201", "d9010380", "5f", "7f", "da00000001"]) {
    for (const count of [65, 200_000]) {
      assert.throws(() => decode(opening.repeat(count) + "00"), isBadValue());
    }
  }
  assert.throws(() => decode("81".repeat(65) + "00"), isBadValue("more than 64 levels"));
});

test("`__proto__` becomes an own field and never the prototype", () => {
  const value = decode("a2695f5f70726f746f5f5fa1617801617902") as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ["__proto__", "y"]);
  assert.equal("x" in value, false);
});

test("byte strings are copies, and Uint8Array even where the input is a Buffer", () => {
  const bytes = Buffer.from("8141ff", "hex");
  const [value] = decodeCbor(bytes, 0, 3) as [Uint8Array];
  bytes.fill(0);
  assert.deepEqual(value, Uint8Array.of(255));
});

test("a value is read from between other bytes, with offsets from its start", () => {
  const bytes = Buffer.from("ff830102030000", "hex");
  assert.deepEqual(decodeCbor(bytes, 1, 5), [1, 2, 3]);
  assert.throws(() => decodeCbor(bytes, 1, 4), isBadValue("byte 1: a length of 3"));
  assert.throws(() => decodeCbor(bytes, 1, 6), isBadValue("byte 4: bytes after"));
});

test("names of fields that hash alike are told apart", () => {
  const names = fc.array(fc.string({ minLength: 1, maxLength: 26 }), { maxLength: 20 });
  fc.assert(
    fc.property(names, (each) => {
      const value = Object.fromEntries(
        each.flatMap((name) => [
          [`${name}`, 1],
          [`a${name}z`, 2],
        ]),
      );
      const writer = new ByteWriter(1e6);
      encodeCbor(value, writer);
      assert.deepEqual(decodeCbor(writer.view(), 0, writer.at), value);
    }),
  );
});

test("random and damaged bytes give a value or bad-value, and every value can be encoded", () => {
  const sample = new ByteWriter(1e6);
  const nested = {
    a: [1, -2.5, "text", new Date(5)],
    m: new Map([[1n, new Set(["x"])]]),
    b: Uint8Array.of(1),
  };
  encodeCbor(nested, sample);
  const whole = sample.view().slice();
  const damaged = fc
    .array(fc.tuple(fc.nat({ max: whole.length - 1 }), fc.integer({ min: 0, max: 255 })), {
      maxLength: 4,
    })
    .map((changes) => {
      const bytes = whole.slice();
      for (const [at, byte] of changes) bytes[at] = byte;
      return bytes;
    });
  const heads = fc.constantFrom(
    0x80,
    0x82,
    0x9f,
    0xa1,
    0xbf,
    0xc1,
    0xc2,
    0x41,
    0x61,
    0x7f,
    0x5f,
    0xff,
    0xd9,
    1,
    2,
    3,
  );
  const likely = fc
    .array(fc.oneof(heads, fc.integer({ min: 0, max: 255 })))
    .map((each) => Uint8Array.from(each));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), likely, damaged), (bytes) => {
      let value: unknown;
      try {
        value = decodeCbor(bytes, 0, bytes.length);
      } catch (error) {
        return isBadValue()(error);
      }
      encodeCbor(value, new ByteWriter(1e6));
      return true;
    }),
    { numRuns: 5000 },
  );
  for (let end = 0; end < whole.length; end++) {
    assert.throws(() => decodeCbor(whole, 0, end), isBadValue());
  }
});
