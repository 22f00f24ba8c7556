import assert from "node:assert/strict";
import { test } from "node:test";
import { applyMask, rotateKey } from "./mask.ts";

test("words and single bytes give the same, at every alignment and length", () => {
  const key = 0x9f3ac41d | 0;
  const memory = Buffer.allocUnsafeSlow(512);
  for (let start = 0; start < 8; start++) {
    for (let length = 0; length < 140; length++) {
      const bytes = memory.subarray(3);
      for (let at = 0; at < bytes.length; at++) bytes[at] = at & 255;
      applyMask(bytes, start, start + length, key);
      for (let at = 0; at < bytes.length; at++) {
        const isInside = at >= start && at < start + length;
        const mask = isInside ? (key >>> (((at - start) & 3) * 8)) & 255 : 0;
        assert.equal(bytes[at], (at & 255) ^ mask, `start ${start} length ${length} at ${at}`);
      }
    }
  }
});

test("a payload that is masked in pieces is masked as a whole", () => {
  const whole = Buffer.alloc(300, 0x55);
  const pieces = Buffer.from(whole);
  applyMask(whole, 0, 300, 0x01020304);
  for (const [from, to] of [
    [0, 1],
    [1, 102],
    [102, 103],
    [103, 300],
  ] as const) {
    applyMask(pieces, from, to, rotateKey(0x01020304, from));
  }
  assert.deepEqual(pieces, whole);
});
