/** Values: CBOR, and the payloads of the four formats. */
import fc from "fast-check";
import {
  ByteWriter,
  decodeCbor,
  decodeValue,
  encodeCbor,
  formatJson,
  formatText,
} from "../../../packages/omnibus/src/wire/index.ts";
import { type DecoderCase, golden, hexes, show, texts, within } from "./decoder-case.ts";

const leaf = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, Number.NaN, Infinity, 2 ** 53),
  fc.double(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }),
  fc.date({ noInvalidDate: true }),
);
const names = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("__proto__", "constructor", "toString", "length", "7", ""),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(names, tie("value"), { maxKeys: 5, noNullPrototype: true }),
    fc.array(fc.tuple(leaf, tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.array(leaf, { maxLength: 3 }).map((members) => new Set(members)),
  ),
}));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const nested = (open: string, close: string, depth: number): string =>
  open.repeat(depth) + close.repeat(depth);

export const valueDecoders: readonly DecoderCase[] = [
  {
    name: "cbor",
    read: within(decodeCbor),
    codes: ["bad-value"],
    golden: golden(
      ["1903e8", "1000"],
      ["f98000", "-0"],
      ["fb3ff199999999999a", "1.1"],
      ["c240", "0n"],
      ["c349010000000000000000", "-18446744073709551617n"],
      ["c11a514b67b0", "date 1363896240000"],
      ["4401020304", "bytes 01020304"],
      ["8201820203", "[1,[2,3]]"],
      ["a26161016162820203", '{"a":1,"b":[2,3]}'],
      ["f7", "undefined"],
    ),
    malformed: [
      ...hexes(
        "",
        "18",
        "19ff",
        "1c",
        "5f4101",
        "61ff",
        "62c328",
        "81",
        "a1",
        "a161",
        "9affffffff",
        "bbffffffffffffffff",
        "0000",
        "fc",
        "c0",
      ),
      ...hexes("81".repeat(65) + "00", "81".repeat(100_000) + "00", "c6".repeat(100_000) + "00"),
    ],
    written: values.map((value) => {
      const writer = new ByteWriter(1 << 22);
      encodeCbor(value, writer);
      return { bytes: writer.view().slice(), text: show(value) };
    }),
  },
  {
    name: "JSON payload",
    read: within((bytes, start, end) => decodeValue(formatJson, bytes, start, end)),
    codes: ["bad-value"],
    golden: golden(
      ["7b2261223a5b312c6e756c6c5d7d", '{"a":[1,null]}'],
      ["2231325c753030653422", '"12ä"'],
      ["3165333038", "1e+308"],
    ),
    malformed: [
      ...hexes("", "ff", "22ff22", "22eda08022"),
      ...texts(
        "{",
        "[1,]",
        "{'a':1}",
        "01",
        "NaN",
        '"\u0001"',
        "\u{feff}1",
        nested("[", "]", 65),
        nested("[", "]", 100_000),
        `${'{"a":'.repeat(65)}1${"}".repeat(65)}`,
      ),
    ],
    written: fc.json({ maxDepth: 5 }).map((text) => ({
      bytes: utf8(text.toWellFormed()),
      text: show(JSON.parse(text.toWellFormed())),
    })),
  },
  {
    name: "text payload",
    read: within((bytes, start, end) => decodeValue(formatText, bytes, start, end)),
    codes: ["bad-value"],
    golden: golden(
      ["68c3a4", '"hä"'],
      ["efbbbf61", '"\u{feff}a"'],
      ["", '""'],
      ["f09f9880", '"😀"'],
    ),
    malformed: hexes("ff", "c3", "c0af", "eda080", "f8888080", "f5808080", "e28261"),
    written: fc
      .string({ unit: "binary", maxLength: 60 })
      .map((text) => ({ bytes: utf8(text), text: JSON.stringify(text) })),
  },
];
