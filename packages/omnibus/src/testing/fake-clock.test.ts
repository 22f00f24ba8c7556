import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "./fake-clock.ts";
import { SeededRandom } from "./seeded-random.ts";

test("timers fire in order of their moment, equal ones in the order in which they were set", () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const note = (name: string) => () => seen.push(`${name}@${clock.nowMs()}`);
  clock.setTimer(20, note("c"));
  clock.setTimer(10, note("a"));
  clock.setTimer(10, note("b"));
  clock.advance(9);
  assert.deepEqual(seen, []);
  clock.advance(1);
  assert.deepEqual(seen, ["a@10", "b@10"]);
  clock.advance(100);
  assert.deepEqual(seen, ["a@10", "b@10", "c@20"]);
  assert.equal(clock.nowMs(), 110);
  assert.equal(clock.pendingTimers, 0);
});

test("a timer set by a timer fires in the same advance, at its own moment", () => {
  const clock = new FakeClock();
  const seen: number[] = [];
  const again = (): void => {
    seen.push(clock.nowMs());
    if (seen.length < 3) clock.setTimer(5, again);
  };
  clock.setTimer(5, again);
  clock.advance(15);
  assert.deepEqual(seen, [5, 10, 15]);
});

test("a cancelled timer never fires, also when it is cancelled at its own moment", () => {
  const clock = new FakeClock();
  const late = clock.setTimer(10, () => assert.fail("cancelled"));
  clock.setTimer(9, () => late.cancel());
  const twice = clock.setTimer(1, () => {});
  clock.advance(20);
  twice.cancel();
  assert.equal(clock.pendingTimers, 0);
});

test("soon comes before the tick's end, and both before the next timer", () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  clock.setTimer(1, () => {
    clock.atTickEnd(() => {
      seen.push("end");
      clock.soon(() => seen.push("soon of end"));
    });
    clock.soon(() => seen.push("soon"));
    seen.push("timer 1");
  });
  clock.setTimer(1, () => seen.push("timer 2"));
  clock.advance(1);
  assert.deepEqual(seen, ["timer 1", "soon", "end", "soon of end", "timer 2"]);
});

test("the wall clock goes on with the other and can be moved alone", () => {
  const clock = new FakeClock({ wallMs: 1000 });
  clock.advance(5);
  assert.equal(clock.wallMs(), 1005);
  clock.jumpWall(-100);
  assert.equal(clock.wallMs(), 905);
  assert.equal(clock.nowMs(), 5);
});

test("delays that no platform takes are refused", () => {
  const clock = new FakeClock();
  for (const delay of [-1, Number.NaN, 2 ** 31, Infinity]) {
    assert.throws(() => clock.setTimer(delay, () => {}), RangeError);
  }
  assert.throws(() => clock.advance(-1), RangeError);
});

test("against a sorted list: ten thousand timers with cancellations", () => {
  const random = new SeededRandom(7);
  const clock = new FakeClock();
  const fired: number[] = [];
  const expected: { due: number; id: number }[] = [];
  for (let id = 0; id < 10_000; id++) {
    const due = random.integer(500);
    const timer = clock.setTimer(due, () => fired.push(id));
    if (random.next() < 0.7) timer.cancel();
    else expected.push({ due, id });
  }
  assert.equal(clock.pendingTimers, expected.length);
  for (let n = 0; n < 500; n++) clock.advance(1);
  expected.sort((a, b) => a.due - b.due || a.id - b.id);
  assert.deepEqual(
    fired,
    expected.map((e) => e.id),
  );
});

test("equal seeds give equal numbers, others do not", () => {
  const draw = (seed: number): number[] => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 50 }, () => random.next());
  };
  assert.deepEqual(draw(1), draw(1));
  assert.notDeepEqual(draw(1), draw(2));
  for (const n of draw(3)) assert.ok(n >= 0 && n < 1);
  assert.equal(new SeededRandom(4).bytes(7).length, 7);
});

test("the numbers are spread evenly", () => {
  const random = new SeededRandom(5);
  const buckets = Array.from({ length: 10 }, () => 0);
  for (let n = 0; n < 100_000; n++) {
    const at = random.integer(10);
    buckets[at] = (buckets[at] ?? 0) + 1;
  }
  for (const count of buckets) assert.ok(count > 9_500 && count < 10_500, String(buckets));
});
