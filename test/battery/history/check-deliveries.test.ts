import assert from "node:assert/strict";
import { test } from "node:test";
import { checkDeliveries } from "./check-deliveries.ts";
import { readHistory, writeHistory } from "./history.ts";
import { came, historyOf, right, sent, type Step, subscribed, wrong } from "./known-histories.ts";

for (const [name, promise, steps] of right) {
  test(`the checker of deliveries finds nothing wrong: ${name}`, () => {
    assert.deepEqual(checkDeliveries(historyOf(steps), promise), []);
  });
}

for (const [name, promise, steps, kind] of wrong) {
  test(`the checker of deliveries finds: ${name}`, () => {
    const kinds = checkDeliveries(historyOf(steps), promise).map((fault) => fault.kind);
    assert.ok(kinds.includes(kind), `${kind} is among [${kinds.join()}]`);
  });
}

test("at least 30 wrong histories, of every kind of fault", () => {
  assert.ok(wrong.length >= 30);
  assert.equal(new Set(wrong.map(([, , , kind]) => kind)).size, 8);
});

test("a right history of 300 messages, spoilt in any one place, is found wrong", () => {
  const steps: Step[] = [subscribed()];
  for (let n = 0; n < 300; n++) steps.push(...sent(n), came(n));
  const good = historyOf(steps);
  assert.deepEqual(checkDeliveries(good, "exactly-once"), []);
  for (const [at, event] of good.entries()) {
    if (event.f !== "deliver") continue;
    const without = good.toSpliced(at, 1);
    assert.notDeepEqual(checkDeliveries(without, "exactly-once"), [], `without event ${at}`);
    const twice = good.toSpliced(at, 0, event);
    assert.notDeepEqual(checkDeliveries(twice, "exactly-once"), [], `event ${at} twice`);
    const late = [...without, event];
    if (at < good.length - 1) {
      assert.notDeepEqual(checkDeliveries(late, "exactly-once"), [], `event ${at} last`);
    }
  }
});

test("a history is the same after writing and reading it", () => {
  const history = historyOf([subscribed(), sent(0), came(0)]);
  assert.deepEqual(readHistory(writeHistory(history)), history);
  assert.equal(writeHistory(history).split("\n").length, history.length + 1);
});

test("a line that is no event is named", () => {
  assert.throws(
    () => readHistory(`{"process":"p","type":"done","f":"x","t":1}\n`),
    /line 1 is no event/,
  );
});
