import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toHex } from "../testing/index.ts";
import { emptyHeader, writeMessageHeader } from "./message-header.ts";
import { maxHopHeaderBytes } from "./sizes.ts";
import { writeOwnHeader } from "./short-header.ts";

test("the short header of an own message is the full one in which nothing else is said [WIRE-4.1]", () => {
  fc.assert(
    fc.property(
      fc.nat(65_535),
      fc.nat(255),
      fc.nat(2 ** 28 - 1),
      (destination, scope, bodyBytes) => {
        const [short, full] = [
          new Uint8Array(maxHopHeaderBytes),
          new Uint8Array(maxHopHeaderBytes),
        ];
        const end = writeOwnHeader(short, destination, scope, bodyBytes);
        const header = { ...emptyHeader, destination, scope };
        assert.equal(writeMessageHeader(full, 0, header, bodyBytes), end);
        assert.equal(toHex(short), toHex(full));
      },
    ),
  );
});
