import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../testing/index.ts";
import { LoginLimiter } from "./login-limiter.ts";

test("after five failures within a minute the sixth attempt is not looked at", () => {
  const clock = new FakeClock();
  const limiter = new LoginLimiter({ clock });
  for (let n = 0; n < 5; n++) {
    limiter.begin("192.0.2.1", "ada");
    clock.advance(1000);
  }
  assert.throws(() => limiter.begin("192.0.2.1", "ada"), { code: "too-many" });
  limiter.begin("192.0.2.1", "bob");
  limiter.begin("192.0.2.2", "ada");
  clock.advance(54_999);
  assert.throws(() => limiter.begin("192.0.2.1", "ada"), { code: "too-many" });
  clock.advance(1);
  limiter.begin("192.0.2.1", "ada");
});

test("attempts at the same time count until they succeed", () => {
  const limiter = new LoginLimiter({ clock: new FakeClock() });
  const done = Array.from({ length: 5 }, () => limiter.begin("a", "ada"));
  assert.throws(() => limiter.begin("a", "ada"), { code: "too-many" });
  for (const succeeded of done) succeeded();
  for (const succeeded of done) succeeded();
  assert.equal(limiter.watched, 0);
  for (let n = 0; n < 5; n++) limiter.begin("a", "ada");
  assert.throws(() => limiter.begin("a", "ada"), { code: "too-many" });
});

test("what it remembers is bounded, and forgotten after a minute", () => {
  const clock = new FakeClock();
  const limiter = new LoginLimiter({ clock, maxWatched: 100 });
  for (let n = 0; n < 1000; n++) limiter.begin("a", `user${n}`);
  assert.equal(limiter.watched, 100);
  clock.advance(60_000);
  limiter.begin("a", "ada");
  assert.equal(limiter.watched, 1);
});
