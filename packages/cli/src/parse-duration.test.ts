import assert from "node:assert/strict";
import test from "node:test";
import { parseDuration } from "./parse-duration.ts";

test("a duration has a number and a unit", () => {
  assert.deepEqual(
    ["90s", "30m", "24h", "7d", "2w"].map(parseDuration),
    [90_000, 1_800_000, 86_400_000, 604_800_000, 1_209_600_000],
  );
});

test("anything else is refused", () => {
  for (const wrong of ["", "24", "h", "0h", "-1h", "1.5h", "1y", "1h30m", `${"9".repeat(30)}w`]) {
    assert.throws(() => parseDuration(wrong), { code: "commander.invalidArgument" }, wrong);
  }
});
