import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCommand } from "./command-line.ts";

test("without arguments the short form runs all its rows", () => {
  const { form, rows, isPublish } = parseCommand([]);
  assert.deepEqual([form, rows, isPublish], ["short", [], false]);
});

test("scenarios are separated by commas", () => {
  const { form, rows } = parseCommand(["--full", "--rows", "B1,B3, B9"]);
  assert.equal(form, "full");
  assert.deepEqual(rows, ["B1", "B3", "B9"]);
});

test("a comma inside a row's title does not cut it", () => {
  assert.deepEqual(parseCommand(["--rows", "B3 programs, 16 B,B6"]).rows, [
    "B3 programs, 16 B",
    "B6",
  ]);
});

test("two forms at once and unknown flags are wrong usage", () => {
  assert.throws(() => parseCommand(["--full", "--check"]), /exclude each other/);
  assert.throws(() => parseCommand(["--fast"]), /--fast/);
});
