import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { ByteWriter } from "./byte-writer.ts";
import { encodeCbor } from "./cbor-encode.ts";
import { toJsonText } from "./json-text.ts";

const encode = (value: unknown): void => encodeCbor(value, new ByteWriter(1 << 20));

const isBadValue =
  (words: string) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof OmnibusError);
    assert.equal(error.code, "bad-value");
    assert.ok(error.message.includes(words), `${error.message} has no "${words}"`);
    assert.match(error.message, /^\[bad-value\] .*; allowed are null, undefined, boolean, number,/);
    return true;
  };

class Point {
  x = 1;
}

const loop: { child: { back?: unknown } } = { child: {} };
loop.child.back = loop;
const ring: unknown[] = [1];
ring.push({ next: new Map([["key", ring]]) });
const nest = (levels: number): unknown => {
  let value: unknown = 1;
  for (let n = 0; n < levels; n++) value = n % 2 === 0 ? [value] : { in: value };
  return value;
};

const refused: [value: unknown, words: string][] = [
  [
    { order: { items: [1, 2, { onClick: () => {} }] } },
    "a function cannot travel, at order.items[2].onClick;",
  ],
  [() => {}, "a function cannot travel; allowed"],
  [{ "two words": Symbol("s") }, 'a symbol cannot travel, at ["two words"];'],
  [[new Point()], "an instance of Point cannot travel, at [0];"],
  [[[Promise.resolve()]], "an instance of Promise cannot travel, at [0][0];"],
  [{ w: new WeakMap() }, "an instance of WeakMap cannot travel, at w;"],
  [{ e: new Error("x") }, "an instance of Error"],
  [{ r: /x/ }, "an instance of RegExp"],
  [{ f: new Float64Array(2) }, "an instance of Float64Array"],
  [{ b: new ArrayBuffer(2) }, "an instance of ArrayBuffer"],
  [{ d: new (class Day extends Date {})() }, "an instance of Day"],
  [{ a: new (class List extends Array {})() }, "an instance of List"],
  [{ o: Object.create({ inherited: 1 }) as unknown }, "an instance of Object cannot travel, at o;"],
  [{ fake: Object.create(Map.prototype) as unknown }, "cannot travel, at fake;"],
  [{ at: new Date(Number.NaN) }, "an invalid Date cannot travel, at at;"],
  [["a\ud800"], "half of a surrogate pair cannot travel, at [0];"],
  [{ "\udc00": 1 }, "half of a surrogate pair"],
  [{ inner: { [Symbol("x")]: 1 } }, "a symbol for a field's name cannot travel, at inner;"],
  [
    new Map<unknown, unknown>([["k", new Map([[1, new WeakSet()]])]]),
    'at .get("k").get(1);'.replace("at .", "at "),
  ],
  [new Map([[[() => {}], 1]]), "at keys()[0][0];"],
  [{ s: new Set([1, () => {}]) }, "at s.values()[1];"],
  [loop, "a reference to what contains it cannot travel, at child.back;"],
  [{ ring }, 'a reference to what contains it cannot travel, at ring[1].next.get("key");'],
  [nest(65), "a value nested more than 64 deep cannot travel"],
];

test("what cannot travel is refused with its path, as CBOR and as JSON", () => {
  for (const [value, words] of refused) {
    assert.throws(() => encode(value), isBadValue(words));
    assert.throws(() => toJsonText(value), isBadValue(words));
  }
  assert.throws(() => encode(1n << 600_000n), isBadValue("a bigint of more than 65536 bytes"));
});

test("what was written of a refused value is taken back", () => {
  const writer = new ByteWriter(1 << 20, 16);
  writer.utf8("before");
  assert.throws(() => encodeCbor([1, 2, { a: () => {} }], writer), isBadValue("at [2].a;"));
  assert.equal(writer.at, 6);
});

test("a field that throws when read becomes bad-value with its path and cause", () => {
  const cause = new Error("locked");
  const value = {
    list: [
      {
        get secret(): never {
          throw cause;
        },
      },
    ],
  };
  assert.throws(
    () => encode(value),
    (error: unknown) =>
      isBadValue("(locked) cannot travel, at list[0].secret;")(error) &&
      (error as OmnibusError).cause === cause,
  );
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assert.throws(() => encode(proxy), isBadValue("cannot travel; allowed"));
});

test("a collection that changes while it is written is refused", () => {
  const map = new Map<string, unknown>();
  map.set("a", {
    get x(): number {
      map.set("b", 1);
      return 1;
    },
  });
  assert.throws(() => encode(map), isBadValue("getters change"));
});
