import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { OmnibusError } from "omnibus";
import { CommandError, failureOf } from "./failure.ts";

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

test("an error of the library is its sentence without the code", () => {
  const error = new OmnibusError("timeout", "no reply in 5000 ms");
  assert.deepEqual(failureOf(error), { sentence: "no reply in 5000 ms", exitCode: 1 });
});

test("a topic that breaks the rules is wrong usage", () => {
  assert.equal(failureOf(new OmnibusError("bad-topic", "x")).exitCode, 2);
});

test("an error of a file names the file", () => {
  const error = thrownBy(() => readFileSync("/missing/file"));
  assert.equal(failureOf(error).sentence, "/missing/file: it does not exist");
});

test("an error of the command line keeps its exit code and stays on one line", () => {
  const error = new CommandError("first\n  second", { exitCode: 2 });
  assert.deepEqual(failureOf(error), { sentence: "first second", exitCode: 2 });
});

test("a fault of ours shows where it happened", () => {
  for (const fault of [new TypeError("x is undefined"), new OmnibusError("internal", "oops")]) {
    const { sentence, exitCode } = failureOf(fault);
    assert.equal(exitCode, 1);
    assert.match(sentence, /^internal fault, please report it: [^]*failure\.test\.ts/);
  }
  assert.match(failureOf("text").sentence, /please report it: text$/);
});
