import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch } from "./batch.ts";

const small = (text: string): Buffer => Buffer.from(text);

test("who adds the same frames in the same order shares the batch and its bytes", () => {
  const root = Batch.empty();
  const frames = ["a", "b", "c"].map(small);
  const ends = Array.from({ length: 3 }, () =>
    frames.reduce((batch, frame) => batch.with(frame), root),
  );
  assert.equal(ends[1], ends[0]);
  assert.equal(ends[2]?.pieces, ends[0]?.pieces);
  assert.deepEqual(ends[0]?.pieces.map(String), ["abc"]);
  assert.equal(ends[0]?.byteLength, 3);
});

test("who goes another way has another batch", () => {
  const root = Batch.empty();
  const [a, b] = [small("a"), small("b")];
  const first = root.with(a).with(b);
  const second = root.with(b).with(a);
  assert.deepEqual(String(first.pieces), "ab");
  assert.deepEqual(String(second.pieces), "ba");
});

test("one frame, and large ones, are not copied", () => {
  const large = Buffer.alloc(2048, 1);
  const only = small("only");
  assert.equal(Batch.empty().with(only).pieces[0], only);
  const mixed = ["a", "b", large, "c", large, large].reduce<Batch>(
    (batch, frame) => batch.with(typeof frame === "string" ? small(frame) : frame),
    Batch.empty(),
  );
  assert.deepEqual(
    mixed.pieces.map((piece) => (piece === large ? "large" : String(piece))),
    ["ab", "large", "c", "large", "large"],
  );
});

test("small frames are put together to pieces of 64 KiB at most", () => {
  let batch = Batch.empty();
  for (let n = 0; n < 100; n++) batch = batch.with(Buffer.alloc(1000, n));
  assert.deepEqual(
    batch.pieces.map((piece) => piece.length),
    [65_000, 35_000],
  );
});
