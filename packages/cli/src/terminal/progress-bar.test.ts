import assert from "node:assert/strict";
import test from "node:test";
import { ProgressBar } from "./progress-bar.ts";

const mebibyte = 1_048_576;

function drawn(
  options: { isTTY?: boolean; columns?: number; totalBytes?: number },
  updates: readonly (readonly [number, number])[],
): string[] {
  const writes: string[] = [];
  const { isTTY = true, columns = 80, totalBytes } = options;
  const output = { isTTY, columns, write: (text: string) => writes.push(text) };
  const bar = new ProgressBar({ output, totalBytes });
  for (const [bytes, lines] of updates) bar.update(bytes, lines);
  bar.clear();
  return writes;
}

test("a long file has a bar that fills", () => {
  const total = 10 * mebibyte;
  const writes = drawn({ totalBytes: total }, [
    [0, 0],
    [total / 2, 7],
    [total, 14],
  ]);
  assert.equal(writes[1], "\r[############------------]  50 %  5.0 MiB, 7 messages\u001b[K");
  assert.match(writes[2] ?? "", /^\r\[#{24}\] 100 %/);
  assert.equal(writes.at(-1), "\r\u001b[K");
});

test("a pipe has a count, once it is long", () => {
  const writes = drawn({}, [
    [mebibyte - 1, 1],
    [mebibyte, 2],
    [mebibyte + 1, 3],
  ]);
  assert.deepEqual(writes, ["\r1.0 MiB, 2 messages\u001b[K", "\r\u001b[K"]);
});

test("short input and output that is no terminal have none", () => {
  assert.deepEqual(drawn({ totalBytes: mebibyte - 1 }, [[mebibyte - 1, 1]]), []);
  assert.deepEqual(drawn({ isTTY: false }, [[100 * mebibyte, 1]]), []);
});

test("it is drawn at most a hundred times and fits the terminal", () => {
  const total = 100 * mebibyte;
  const updates = Array.from({ length: 10_000 }, (_, i) => [(total / 10_000) * i, i] as const);
  const writes = drawn({ totalBytes: total, columns: 20 }, updates);
  assert.ok(writes.length <= 101, `${writes.length}`);
  for (const text of writes) assert.ok(text.replace("\u001b[K", "").length <= 20, text);
});
