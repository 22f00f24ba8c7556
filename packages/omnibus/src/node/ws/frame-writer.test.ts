import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, encodeTextFrame, PreparedFrame } from "./frame-writer.ts";
import { opcode } from "./opcode.ts";

test("headers take the shortest form", () => {
  const headerOf = (length: number): string => {
    const frame = encodeFrame(opcode.binary, new Uint8Array(length));
    return frame.subarray(0, frame.length - length).toString("hex");
  };
  assert.equal(headerOf(0), "8200");
  assert.equal(headerOf(125), "827d");
  assert.equal(headerOf(126), "827e007e");
  assert.equal(headerOf(65_535), "827effff");
  assert.equal(headerOf(65_536), "827f0000000000010000");
});

test("text is UTF-8, and half a surrogate pair becomes U+FFFD", () => {
  assert.equal(encodeTextFrame("Hello").toString("hex"), "810548656c6c6f");
  assert.equal(encodeTextFrame("a\ud800").toString("hex"), "810461efbfbd");
});

test("a prepared frame knows its payload's length at each size of header", () => {
  for (const length of [0, 125, 126, 65_535, 65_536]) {
    assert.equal(new PreparedFrame(new Uint8Array(length)).byteLength, length);
    assert.equal(new PreparedFrame("x".repeat(length)).byteLength, length);
  }
});
