import assert from "node:assert/strict";
import { Readable } from "node:stream";
import test from "node:test";
import { splitLines } from "./split-lines.ts";

async function linesOf(...pieces: readonly (string | Uint8Array)[]): Promise<string[]> {
  const chunks = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  const lines: string[] = [];
  for await (const batch of splitLines(Readable.from(chunks))) lines.push(...batch.lines);
  return lines;
}

test("the last line may lack its end, and an empty input has no lines", async () => {
  assert.deepEqual(await linesOf("a\nb"), ["a", "b"]);
  assert.deepEqual(await linesOf("a\nb\n"), ["a", "b"]);
  assert.deepEqual(await linesOf(), []);
});

test("empty lines count", async () => {
  assert.deepEqual(await linesOf("\na\n\n"), ["", "a", ""]);
});

test("a line may end with CR LF", async () => {
  assert.deepEqual(await linesOf("a\r\nb\r\n"), ["a", "b"]);
});

test("the pieces of the input may be cut anywhere", async () => {
  const text = Buffer.from("grün 🚲\r\nzwei\n\ndrei");
  for (let cut = 0; cut <= text.length; cut++) {
    const lines = await linesOf(text.subarray(0, cut), text.subarray(cut));
    assert.deepEqual(lines, ["grün 🚲", "zwei", "", "drei"], `cut at ${cut}`);
  }
});

test("bytes count what was read", async () => {
  const batches = [];
  const input = Readable.from([Buffer.from("ab\nc"), Buffer.from("d")]);
  for await (const batch of splitLines(input)) batches.push(batch);
  assert.deepEqual(batches, [
    { lines: ["ab"], bytes: 4 },
    { lines: [], bytes: 5 },
    { lines: ["cd"], bytes: 5 },
  ]);
});
