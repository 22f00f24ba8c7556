import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { fromHex, toHex, utf8 } from "../testing/index.ts";
import { Address, type AddressKind } from "./address.ts";
import { readAliasRun, writeAliasRun } from "./alias-run.ts";
import { maxAliasRunBytes } from "./sizes.ts";
import { RunHeader } from "./run-header.ts";

const nodeId = "ab".repeat(32);
const endpointId = "0192f0c1000070008000000000000001";

const golden: [number: number, kind: AddressKind, name: string, hex: string][] = [
  [5, "topic", "a/b", "02 05 05 00 612f62"],
  [300, "topic", "é", "02 05 ac02 00 c3a9"],
  [1, "endpoint", endpointId, `02 22 01 01 ${toHex(utf8(endpointId))}`],
  [65_535, "node", nodeId, `02 44 ffff03 02 ${toHex(utf8(nodeId))}`],
  [2, "node", `${nodeId}.17`, `02 45 02 02 ${toHex(utf8(`${nodeId}.17`))}`],
];

function read(content: Uint8Array): ReturnType<typeof readAliasRun> {
  return readAliasRun(content, 0, content.length);
}

for (const [number, kind, name, hex] of golden) {
  test(`number ${number} for the ${kind} ${name.slice(0, 40)} [WIRE-7.2]`, () => {
    const bytes = new Uint8Array(maxAliasRunBytes);
    const end = writeAliasRun(bytes, 0, new Address(number, kind, name));
    assert.equal(toHex(bytes.subarray(0, end)), toHex(fromHex(hex)));
    const header = new RunHeader();
    header.read(bytes, 0, end);
    assert.deepEqual(readAliasRun(bytes, header.bodyStart, header.bodyEnd), { number, kind, name });
  });
}

const refused: [what: string, code: string, content: string][] = [
  ["number 0", "bad-run", "00 00 61"],
  ["number 65,536", "bad-run", "808004 00 61"],
  ["a number that is cut off", "bad-run", "80"],
  ["a number whose third byte says that more follow", "bad-run", "858080"],
  ["a number of nine bytes", "bad-run", "858080808080808000 00 61"],
  ["no kind", "bad-run", "05"],
  ["an unknown kind", "bad-run", "05 05 61"],
  ["a name that is not UTF-8", "bad-run", "05 00 ff"],
  ["a name of 1,025 bytes", "bad-run", `05 00 ${"61".repeat(1025)}`],
  ["no name", "bad-topic", "05 00"],
  ["a name that begins with a byte order mark", "bad-topic", "05 00 efbbbf61"],
  ["an empty segment", "bad-topic", "05 00 612f2f62"],
  ["a wildcard", "bad-topic", "05 00 612f2a"],
  ["a control character", "bad-topic", "05 00 6100"],
  ["white space at its end", "bad-topic", "05 00 6120"],
  ["an endpoint that is not 32 digits", "bad-run", "05 01 6162"],
  ["a node id in capitals", "bad-run", `05 02 ${"41".repeat(64)}`],
];

for (const [what, code, content] of refused) {
  test(`an alias run with ${what} is refused`, () => {
    assert.throws(
      () => read(fromHex(content)),
      (error) => error instanceof OmnibusError && error.code === code,
    );
  });
}

test("a name of 1,024 bytes is taken", () => {
  assert.equal(read(fromHex(`05 00 ${"61".repeat(1024)}`)).name.length, 1024);
});

test("random contents are read or refused with a code", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (content) => {
      try {
        read(content);
      } catch (error) {
        assert.ok(
          error instanceof OmnibusError && ["bad-run", "bad-topic"].includes(error.code),
          String(error),
        );
      }
    }),
    { numRuns: 2000 },
  );
});
