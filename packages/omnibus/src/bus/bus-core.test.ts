import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, SeededRandom } from "../testing/index.ts";
import { BusCore } from "./bus-core.ts";
import { createBus } from "./open-bus.ts";

const wallMs = Date.UTC(2026, 0, 2);

test("an incarnation is the time of the start, so that it grows with every start [WIRE-1.4]", () => {
  const clock = new FakeClock({ wallMs });
  const started = [1, 2, 3].map((seed) => {
    const { hello } = new BusCore({ clock, random: new SeededRandom(seed), realm: "user" });
    clock.advance(1);
    return hello.incarnation;
  });
  assert.deepEqual(started, [wallMs, wallMs + 1, wallMs + 2]);
});

test("the time of a message is in milliseconds since 1970, UTC [WIRE-1.4]", async () => {
  const clock = new FakeClock({ wallMs });
  await using bus = await createBus({ clock, random: new SeededRandom(1) });
  const times: number[] = [];
  bus.subscribe("a", ({ timeMs }) => times.push(timeMs));
  bus.publish("a", 1);
  clock.advance(1500);
  bus.publish("a", 2);
  await clock.settled();
  assert.deepEqual(times, [wallMs, wallMs + 1500]);
});
