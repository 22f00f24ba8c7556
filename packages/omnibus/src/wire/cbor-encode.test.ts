import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "./byte-writer.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";

function encode(value: unknown): Uint8Array {
  const writer = new ByteWriter(1 << 22, 16);
  encodeCbor(value, writer);
  return writer.view();
}

const hexOf = (value: unknown): string => Buffer.from(encode(value)).toString("hex");

function roundTrip(value: unknown): unknown {
  const bytes = encode(value);
  return decodeCbor(bytes, 0, bytes.length);
}

/** From RFC 8949, appendix A, where it has the value; bigints are always tagged here. */
const golden: [value: unknown, hex: string][] = [
  [0, "00"],
  [23, "17"],
  [24, "1818"],
  [100, "1864"],
  [1000, "1903e8"],
  [1_000_000, "1a000f4240"],
  [1_000_000_000_000, "1b000000e8d4a51000"],
  [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
  [-1, "20"],
  [-100, "3863"],
  [-1000, "3903e7"],
  [Number.MIN_SAFE_INTEGER, "3b001ffffffffffffe"],
  [18446744073709551616n, "c249010000000000000000"],
  [-18446744073709551617n, "c349010000000000000000"],
  [0n, "c240"],
  [-1n, "c340"],
  [255n, "c241ff"],
  [256n, "c2420100"],
  [-0, "f98000"],
  [1.1, "fb3ff199999999999a"],
  [100000.5, "fa47c35040"],
  [3.4028234663852886e38, "fa7f7fffff"],
  [1e300, "fb7e37e43c8800759c"],
  [-4.1, "fbc010666666666666"],
  [Infinity, "f97c00"],
  [Number.NaN, "f97e00"],
  [-Infinity, "f9fc00"],
  [false, "f4"],
  [true, "f5"],
  [null, "f6"],
  [undefined, "f7"],
  [new Date(1363896240000), "c11a514b67b0"],
  [new Date(1363896240500), "c1fb41d452d9ec200000"],
  [new Date(8.64e15), "d903e9a2011b000007dba821800022" + "00"],
  [new Uint8Array(), "40"],
  [Buffer.from([1, 2, 3, 4]), "4401020304"],
  ["", "60"],
  ["IETF", "6449455446"],
  ['"\\', "62225c"],
  ["\u00fc", "62c3bc"],
  ["\u6c34", "63e6b0b4"],
  ["\ud800\udd51", "64f0908591"],
  ["é".repeat(12), `7818${"c3a9".repeat(12)}`],
  [[], "80"],
  [[1, [2, 3], [4, 5]], "8301820203820405"],
  [
    Array.from({ length: 25 }, (_, n) => n + 1),
    "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
  ],
  [{}, "a0"],
  [{ a: 1, b: [2, 3] }, "a26161016162820203"],
  [{ a: undefined }, "a16161f7"],
  [new Set([1, "a"]), "d9010282016161"],
  [
    new Map<unknown, unknown>([
      [1, 2],
      ["a", null],
    ]),
    "d90103a20102" + "6161f6",
  ],
];

test("values become the bytes of RFC 8949", () => {
  for (const [value, hex] of golden) {
    assert.equal(hexOf(value), hex);
    const expected = Buffer.isBuffer(value) ? new Uint8Array(value) : value;
    assert.deepEqual(roundTrip(value), expected);
  }
});

const leaf = fc.oneof(
  fc.constantFrom(
    null,
    undefined,
    true,
    false,
    -0,
    Number.NaN,
    2 ** 53,
    -(2 ** 53),
    2 ** 64,
    5e-324,
  ),
  fc.double(),
  fc.float(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.bigInt({ min: -(2n ** 64n) - 2n, max: 2n ** 64n + 2n }),
  fc.string({ unit: "binary", maxLength: 70 }),
  fc.string({ unit: "grapheme-ascii", maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
  fc.date({ noInvalidDate: true }),
);
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.constantFrom("__proto__", "constructor", "toString", "length", "7", "4294967295", ""),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: "small" },
    leaf,
    fc.array(tie("value"), { maxLength: 8 }),
    fc.dictionary(name, tie("value"), { maxKeys: 8, noNullPrototype: true }),
    fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.array(tie("value"), { maxLength: 4 }).map((items) => new Set(items)),
  ),
}));

/** Sets and maps as arrays: comparing them without order takes `deepEqual` for ever. */
function ordered(value: unknown): unknown {
  if (value instanceof Set) return ["set", ...[...value].map(ordered)];
  if (value instanceof Map) return ["map", ...[...value].map(ordered)];
  if (Array.isArray(value)) return value.map(ordered);
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return ["object", ...Object.entries(value).map(ordered)];
}

test("every value comes back as it was", () => {
  fc.assert(
    fc.property(values, (value) => {
      assert.deepEqual(ordered(roundTrip(value)), ordered(value));
    }),
    { numRuns: 500 },
  );
});

test("dates come back to the millisecond, however far from 1970", () => {
  const near = fc.integer({ min: -4, max: 4 });
  const edges = fc.constantFrom(0, 2 ** 50, -(2 ** 50), 2 ** 51, 8.64e15 - 4, 4 - 8.64e15);
  const anywhere = fc.integer({ min: -8.64e15, max: 8.64e15 });
  const times = fc.oneof(
    fc.tuple(edges, near).map(([edge, by]) => edge + by),
    anywhere,
  );
  fc.assert(
    fc.property(times, (ms) => {
      assert.equal((roundTrip(new Date(ms)) as Date).getTime(), new Date(ms).getTime());
    }),
    { numRuns: 2000 },
  );
});

const nest = (levels: number): unknown => {
  let value: unknown = 1;
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { in: value };
  return value;
};

test("containers of any size travel", () => {
  for (const size of [23, 24, 255, 256, 65_535, 65_536]) {
    const numbers = Array.from({ length: size }, (_, n) => n);
    assert.deepEqual(roundTrip(numbers), numbers);
    const pairs = numbers.map((n): [string, number] => [`k${n}`, n]);
    assert.deepEqual(roundTrip(Object.fromEntries(pairs)), Object.fromEntries(pairs));
    assert.deepEqual([...(roundTrip(new Map(pairs)) as Map<string, number>)], pairs);
    assert.deepEqual([...(roundTrip(new Set(numbers)) as Set<number>)], numbers);
    assert.equal(roundTrip("x".repeat(size)), "x".repeat(size));
    assert.equal(roundTrip("é".repeat(size)), "é".repeat(size));
    assert.deepEqual(roundTrip(new Uint8Array(size)), new Uint8Array(size));
  }
});

test("64 levels travel", () => {
  assert.deepEqual(roundTrip(nest(64)), nest(64));
});

test("getters are read once", () => {
  let reads = 0;
  const value = {
    get count(): number {
      return ++reads;
    },
  };
  assert.deepEqual(roundTrip(value), { count: 1 });
});

test("holes become undefined; null prototypes, and fields that are not enumerable, do not travel", () => {
  assert.deepEqual(roundTrip([1, , 3]), [1, undefined, 3]); // oxlint-disable-line no-sparse-arrays
  assert.deepEqual(roundTrip(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  assert.deepEqual(roundTrip(Object.defineProperty({ a: 1 }, "b", { value: 2 })), { a: 1 });
});

test("the writer's limit is met exactly, and refused with nothing written", () => {
  const writer = new ByteWriter(8, 1);
  encodeCbor(["a", "b", "c", 1], writer);
  assert.equal(writer.at, 8);
  writer.reset();
  const isTooBig = (error: unknown): boolean =>
    error instanceof OmnibusError && error.code === "too-big";
  for (const value of [
    ["a", "b", "c", 24],
    Object.assign([], { length: 1e9 }),
    "eight888",
    { a: { b: "xyz" } },
  ]) {
    assert.throws(() => encodeCbor(value, writer), isTooBig);
    assert.equal(writer.at, 0);
  }
});
