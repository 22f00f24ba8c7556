import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../testing/index.ts";
import { Unacknowledged } from "./unacknowledged.ts";

const listed = (taken: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
  [...taken].flatMap(([topic, ids]) => [...ids].map((id) => `${topic}:${id}`));

test("[JSON-7.7] what is remembered is given out once, to its principal, for its topics", () => {
  const memory = new Unacknowledged({ clock: new FakeClock() });
  memory.remember("user:ada", "a/x", "1");
  memory.remember("user:ada", "a/x", "2");
  memory.remember("user:ada", "a/x", "2");
  memory.remember("user:ada", "b", "3");
  memory.remember("user:bob", "a/x", "4");
  assert.equal(memory.count, 4);
  assert.deepEqual(listed(memory.take("user:ada", "a/*")), ["a/x:1", "a/x:2"]);
  assert.deepEqual(listed(memory.take("user:ada", "a/*")), []);
  assert.deepEqual(listed(memory.take("user:ada", "**")), ["b:3"]);
  assert.equal(memory.count, 1);
});

test("[JSON-7.7] strangers who share a principal are not remembered", () => {
  const memory = new Unacknowledged({ clock: new FakeClock() });
  memory.remember("anonymous:json", "a", "1");
  assert.equal(memory.count, 0);
});

test("[JSON-7.7] who stays away longer than the time to live is forgotten", () => {
  const clock = new FakeClock();
  const memory = new Unacknowledged({ clock, ttlMs: 1000 });
  memory.remember("user:ada", "a", "1");
  clock.advance(600);
  memory.remember("user:bob", "a", "2");
  clock.advance(399);
  assert.equal(memory.count, 2);
  clock.advance(1);
  assert.deepEqual(listed(memory.take("user:ada", "a")), []);
  assert.deepEqual(listed(memory.take("user:bob", "a")), ["a:2"]);
  assert.equal(memory.count, 0);
});

test("[JSON-7.7] the bounds hold, per principal and in all", () => {
  const memory = new Unacknowledged({ clock: new FakeClock(), maxPerPrincipal: 3, maxInAll: 5 });
  for (const user of ["a", "b"]) {
    for (let n = 0; n < 4; n++) memory.remember(user, "t", String(n));
  }
  assert.equal(memory.count, 3, "a was forgotten for b");
  assert.deepEqual(listed(memory.take("a", "t")), []);
  assert.deepEqual(listed(memory.take("b", "t")), ["t:0", "t:1", "t:2"]);
});
