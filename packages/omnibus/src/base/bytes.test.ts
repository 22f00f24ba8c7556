import assert from "node:assert/strict";
import { test } from "node:test";
import { joinBytes, toHex } from "./bytes.ts";

test("parts are joined in order, into memory of their own", () => {
  const first = new Uint8Array([1, 2]);
  const whole = joinBytes([first, new Uint8Array(0), new Uint8Array([3])]);
  first[0] = 9;
  assert.deepEqual(whole, new Uint8Array([1, 2, 3]));
  assert.deepEqual(joinBytes([]), new Uint8Array(0));
});

test("each byte has two digits", () => {
  assert.equal(toHex(new Uint8Array([0, 1, 16, 255])), "000110ff");
  assert.equal(toHex(new Uint8Array(0)), "");
});
