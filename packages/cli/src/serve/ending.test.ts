import assert from "node:assert/strict";
import test from "node:test";
import { Ending } from "./ending.ts";

function judged(
  windowMs: number,
  signals: readonly (readonly [number, "SIGINT" | "SIGTERM" | "SIGHUP"])[],
): string[] {
  let nowMs = 0;
  const ending = new Ending({ nowMs: () => nowMs, windowMs });
  return signals.map(([atMs, signal]) => {
    nowMs = atMs;
    return ending.judge(signal);
  });
}

test("the first signal drains, whichever it is", () => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    assert.deepEqual(judged(0, [[0, signal]]), ["drain"]);
  }
});

test("a second interrupt ends at once", () => {
  assert.deepEqual(
    judged(0, [
      [0, "SIGINT"],
      [1, "SIGINT"],
    ]),
    ["drain", "end-now"],
  );
});

test("an interrupt after SIGTERM ends at once", () => {
  assert.deepEqual(
    judged(0, [
      [0, "SIGTERM"],
      [1, "SIGINT"],
    ]),
    ["drain", "end-now"],
  );
});

test("a second SIGTERM changes nothing", () => {
  assert.deepEqual(
    judged(0, [
      [0, "SIGTERM"],
      [9000, "SIGTERM"],
    ]),
    ["drain", "ignore"],
  );
});

test("SIGTERM after an interrupt changes nothing", () => {
  assert.deepEqual(
    judged(0, [
      [0, "SIGINT"],
      [9000, "SIGTERM"],
    ]),
    ["drain", "ignore"],
  );
});

test("within the window interrupts are one, and the window does not grow with them", () => {
  const signals = [0, 250, 499, 500].map((atMs) => [atMs, "SIGINT"] as const);
  assert.deepEqual(judged(500, signals), ["drain", "ignore", "ignore", "end-now"]);
});
