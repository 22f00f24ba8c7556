import assert from "node:assert/strict";
import { test } from "node:test";
import { Slab } from "../base/index.ts";
import { PendingFrame } from "./pending-frame.ts";

test("frames that name the same memory one after another share the pieces", () => {
  const header = new Slab(new Uint8Array(64));
  const body = new Slab(new Uint8Array(64));
  const frames = Array.from({ length: 3 }, () => new PendingFrame(false));
  for (const frame of frames) {
    frame.addBytes(header, 0, 8);
    frame.addBytes(body, 0, 60);
  }
  for (const frame of frames) frame.addBytes(header, 8, 16);
  for (const frame of frames) frame.addBytes(header, 16, 20);
  const [first, ...others] = frames;
  assert.equal(first?.spans.length, 3);
  for (const { spans } of others)
    for (const [at, span] of spans.entries()) assert.equal(span, first.spans[at]);
});

test("a piece that grows in one frame stays as it is in another", () => {
  const slab = new Slab(new Uint8Array(64));
  const [one, other] = [new PendingFrame(false), new PendingFrame(false)];
  for (const frame of [one, other]) frame.addBytes(slab, 0, 8);
  one.addBytes(slab, 8, 16);
  assert.equal(one.spans[0]?.end, 16);
  assert.equal(other.spans[0]?.end, 8);
  assert.ok(!one.isSameAs(other));
  one.reset();
  assert.deepEqual(one.spans, []);
  one.addBytes(slab, 0, 8);
  assert.ok(one.isSameAs(other));
});
