import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toJsonText } from "./json-text.ts";

const cases: [value: unknown, text: string | undefined][] = [
  [undefined, undefined],
  [null, "null"],
  ["é\n", '"é\\n"'],
  [[1, -0, 1.5, Number.NaN, Infinity, -Infinity], "[1,0,1.5,null,null,null]"],
  [2n ** 64n, '"18446744073709551616"'],
  [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  [Uint8Array.of(1, 2, 3, 255), '"AQID/w=="'],
  [Buffer.from("a"), '"YQ=="'],
  [{ a: undefined, b: 1n, c: [undefined, 1n] }, '{"b":"1","c":[null,"1"]}'],
  [new Set([1, "a", 2n]), '[1,"a","2"]'],
  [
    new Map([
      ["b", 1],
      ["a", 2],
    ]),
    '{"b":1,"a":2}',
  ],
  [new Map(), "{}"],
  [
    new Map<unknown, unknown>([
      ["a", 1n],
      [1, new Set()],
    ]),
    '[["a","1"],[1,[]]]',
  ],
  [
    { z: 1, deep: [{ m: new Map([["__proto__", 1]]) }], y: 2 },
    '{"z":1,"deep":[{"m":{"__proto__":1}}],"y":2}',
  ],
  [JSON.parse('{"__proto__": 1, "d": {}}'), '{"__proto__":1,"d":{}}'],
  [Object.assign(Object.create(null), { n: 1n }), '{"n":"1"}'],
];

test("what JSON lacks is put into its words", () => {
  for (const [value, text] of cases) assert.equal(toJsonText(value), text);
});

test("a value that JSON has is what JSON.stringify makes of it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.equal(toJsonText(value), JSON.stringify(value))),
  );
});

test("the value itself is not changed", () => {
  const value = { list: [1, 2n], map: new Map([["a", 1n]]) };
  toJsonText(value);
  assert.deepEqual(value, { list: [1, 2n], map: new Map([["a", 1n]]) });
});

test("large byte arrays become base64 whole", () => {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, n) => n * 7);
  assert.equal(toJsonText(bytes), JSON.stringify(Buffer.from(bytes).toString("base64")));
});
