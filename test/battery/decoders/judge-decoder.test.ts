import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import { allDecoders } from "./all-decoders.ts";
import type { DecoderCase, Reading } from "./decoder-case.ts";
import { judgeDecoder } from "./judge-decoder.ts";

/** A length, and so many bytes; each sum of the bytes as text. */
function read(bytes: Uint8Array): Reading {
  const length = bytes[0];
  if (length === undefined || bytes.length !== length + 1) {
    throw new OmnibusError("bad-run", "not as long as it says");
  }
  return { text: bytes.subarray(1).join() };
}

const right: DecoderCase = {
  name: "planted",
  read,
  readPieces: (pieces) => read(Buffer.concat(pieces)),
  codes: ["bad-run"],
  golden: [{ bytes: Uint8Array.of(2, 7, 8), text: "7,8" }],
  malformed: [new Uint8Array(0), Uint8Array.of(1)],
  written: fc
    .uint8Array({ maxLength: 40, size: "max" })
    .map((bytes) => ({ bytes: Uint8Array.of(bytes.length, ...bytes), text: bytes.join() })),
};

const planted: readonly (readonly [what: string, fault: Partial<DecoderCase>, told: RegExp])[] = [
  [
    "golden bytes that it reads otherwise",
    { golden: [{ bytes: Uint8Array.of(1, 7), text: "8" }] },
    /golden bytes/,
  ],
  [
    "golden bytes that it refuses",
    { golden: [{ bytes: Uint8Array.of(9), text: "9" }] },
    /refused: bad-run/,
  ],
  ["no golden bytes", { golden: [] }, /no golden/],
  ["no malformed input", { malformed: [] }, /no malformed/],
  ["malformed input that it takes", { malformed: [Uint8Array.of(1, 1)] }, /takes 0101/],
  [
    "an error without a code, at one byte in one place",
    {
      read: (bytes) => {
        if (bytes[3] === 0x80) throw new RangeError("planted");
        return read(bytes);
      },
    },
    /throws RangeError: planted/,
  ],
  [
    "a code that it must not use",
    {
      read: (bytes) => {
        if (bytes.length === 0) throw new OmnibusError("internal", "planted");
        return read(bytes);
      },
    },
    /with internal/,
  ],
  [
    "a value that a round trip changes",
    { read: (bytes) => (bytes.length > 30 ? { text: "planted" } : read(bytes)) },
    /round trip/,
  ],
  [
    "pieces that read otherwise",
    {
      readPieces: (pieces) =>
        (pieces[0]?.length ?? 0) === 2 ? { text: "planted" } : read(Buffer.concat(pieces)),
    },
    /cut at 2/,
  ],
  [
    "an error without a code where it is cut",
    {
      readPieces: (pieces) => {
        if (pieces[0]?.length === 1) throw new TypeError("planted");
        return read(Buffer.concat(pieces));
      },
    },
    /throws TypeError/,
  ],
];

test("a decoder without a fault passes", () => {
  assert.deepEqual(judgeDecoder(right, { runs: 2000, seed: 1 }).faults, []);
});

for (const [what, fault, told] of planted) {
  test(`found in a decoder: ${what}`, () => {
    const { faults } = judgeDecoder({ ...right, ...fault }, { runs: 2000, seed: 1 });
    assert.match(faults.join("\n"), told);
  });
}

test("every decoder has a name of its own, golden bytes and malformed input", () => {
  assert.equal(new Set(allDecoders.map(({ name }) => name)).size, allDecoders.length);
  for (const { name, golden, malformed, codes } of allDecoders) {
    assert.ok(golden.length > 0 && malformed.length > 0 && codes.length > 0, name);
    assert.ok(!codes.includes("internal") || name === "JSON command", name);
  }
});
