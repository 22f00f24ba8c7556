import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../testing/index.ts";
import { type LoginAttempt, LoginLimiter } from "./login-limiter.ts";

async function fail(limiter: LoginLimiter, address: string, user: string): Promise<void> {
  (await limiter.begin(address, user)).ended(false);
}

test("after five failures within a minute the sixth attempt is not looked at", async () => {
  const clock = new FakeClock();
  const limiter = new LoginLimiter({ clock });
  for (let n = 0; n < 5; n++) {
    await fail(limiter, "192.0.2.1", "ada");
    clock.advance(1000);
  }
  await assert.rejects(limiter.begin("192.0.2.1", "ada"), { code: "too-many" });
  await fail(limiter, "192.0.2.1", "bob");
  await fail(limiter, "192.0.2.2", "ada");
  clock.advance(54_999);
  await assert.rejects(limiter.begin("192.0.2.1", "ada"), { code: "too-many" });
  clock.advance(1);
  await fail(limiter, "192.0.2.1", "ada");
});

/** Begins `count` attempts and tells what became of each: `in` is under way. */
async function beginMany(limiter: LoginLimiter, count: number) {
  const begun: LoginAttempt[] = [];
  const refused: unknown[] = [];
  for (let n = 0; n < count; n++) {
    void limiter.begin("a", "ada").then(
      (attempt) => begun.push(attempt),
      (error: unknown) => refused.push(error),
    );
  }
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  };
  await settle();
  return { begun, refused, settle };
}

test("attempts under way counted as failures: who was right was refused", async () => {
  const limiter = new LoginLimiter({ clock: new FakeClock() });
  const { begun, refused, settle } = await beginMany(limiter, 12);
  assert.equal(begun.length, 5, "no more than could fail");
  for (let n = 0; n < 12; n++) {
    begun[n]?.ended(true);
    await settle();
    assert.equal(begun.length, Math.min(12, n + 6));
  }
  assert.equal(refused.length, 0);
  assert.equal(limiter.watched, 0);
});

test("of many attempts at once no more than five fail, the others are not looked at", async () => {
  const limiter = new LoginLimiter({ clock: new FakeClock() });
  const { begun, refused, settle } = await beginMany(limiter, 50);
  for (let n = 0; n < 4; n++) begun[n]?.ended(false);
  await settle();
  assert.equal(begun.length, 5);
  begun[4]?.ended(true);
  await settle();
  assert.equal(begun.length, 6, "one that succeeds gives its place to the next");
  begun[5]?.ended(false);
  await settle();
  assert.equal(begun.length, 6);
  assert.equal(refused.length, 44);
});

test("what it remembers is bounded, and forgotten after a minute", async () => {
  const clock = new FakeClock();
  const limiter = new LoginLimiter({ clock, maxWatched: 100 });
  for (let n = 0; n < 1000; n++) await fail(limiter, "a", `user${n}`);
  assert.equal(limiter.watched, 100);
  clock.advance(60_000);
  await fail(limiter, "a", "ada");
  assert.equal(limiter.watched, 1);
});

test("a pair with an attempt under way is not forgotten for others", async () => {
  const limiter = new LoginLimiter({ clock: new FakeClock(), maxWatched: 10 });
  const attempts = await Promise.all([1, 2, 3, 4, 5].map(() => limiter.begin("a", "ada")));
  for (let n = 0; n < 100; n++) await fail(limiter, "a", `user${n}`);
  for (const attempt of attempts) attempt.ended(false);
  await assert.rejects(limiter.begin("a", "ada"), { code: "too-many" });
});
