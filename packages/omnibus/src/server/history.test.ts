import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus, type Message } from "../bus/index.ts";
import { FakeClock, SeededRandom } from "../testing/index.ts";
import { ServerHistory } from "./history.ts";

async function make(options: { rules?: { pattern: string; count: number }[] } = {}) {
  const clock = new FakeClock();
  const history = new ServerHistory({ clock, ...options });
  const bus = await createBus({ clock, random: new SeededRandom(1), log: history, strict: false });
  const seen: Message[] = [];
  const replayed = (topic: string): Message[] => {
    seen.length = 0;
    bus.subscribe(topic, (message) => seen.push(message), { replay: 10 });
    return seen;
  };
  return { clock, history, bus, replayed };
}

test("[JSON-8.1] programs get the history of configured topics by { replay }, marked as such", async () => {
  const { clock, bus, replayed } = await make({ rules: [{ pattern: "a/**", count: 3 }] });
  for (let n = 0; n < 5; n++) {
    bus.publish("a/b", { n });
    clock.advance(10);
  }
  bus.publish("other", 1);
  const messages = replayed("a/*");
  assert.deepEqual(
    messages.map((m) => [m.value, m.isReplay, m.timeMs - clock.wallMs()]),
    [2, 3, 4].map((n) => [{ n }, true, -10 * (5 - n)]),
  );
  assert.deepEqual(replayed("other"), []);
});

test("[JSON-8.1] values of every format come back, with the same JSON text as live", async () => {
  const { bus, history, replayed } = await make();
  history.cover("a");
  const live: (string | undefined)[] = [];
  bus.subscribe("a", (message) => live.push(message.json));
  const values = [
    "text",
    new Uint8Array([1, 2]),
    { a: [1n] },
    new Map([["k", 1]]),
    null,
    undefined,
  ];
  for (const value of values) bus.publish("a", value);
  const exact = "[12345678901234567890, 1.0]";
  bus.publishRaw("a", { format: "json", text: exact }, { id: "m", qos: 1, timeMs: 5 });
  bus.publishRaw("a", { format: "json", bytes: new TextEncoder().encode("{broken") });
  const messages = replayed("a");
  assert.deepEqual(
    messages.slice(0, 6).map((m) => m.value),
    values,
  );
  assert.deepEqual(
    messages.map((m) => m.json),
    live,
  );
  const [, , , , , , raw, broken] = messages;
  assert.deepEqual([raw?.json, raw?.id, raw?.qos, raw?.timeMs], [exact, "m", 1, 5]);
  assert.equal(broken?.json, undefined);
});

test("a kept message is a copy", async () => {
  const { bus, history } = await make();
  history.cover("a");
  const bytes = new Uint8Array([1, 2, 3]);
  bus.publish("a", bytes);
  bytes[0] = 9;
  assert.deepEqual([...(history.last("a", 1)[0]?.bytes ?? [])], [1, 2, 3]);
  assert.equal(history.bytes, 200 + 3 + 2);
});

test("a value that cannot be encoded is delivered here, counted and not kept", async () => {
  const { bus, history } = await make();
  history.cover("a");
  const seen: unknown[] = [];
  bus.subscribe("a", (message) => seen.push(message.value));
  const value = (): number => 1;
  bus.publish("a", value);
  assert.deepEqual(seen, [value]);
  assert.deepEqual([history.refused, history.messages], [1, 0]);
});

test("what has expired is freed within a minute; closing leaves no timer", async () => {
  const { clock, bus, history } = await make();
  history.cover("a");
  bus.publish("a", 1);
  clock.advance(3_599_999);
  assert.equal(history.messages, 1);
  clock.advance(60_001);
  assert.equal(history.messages, 0);
  const timers = clock.pendingTimers;
  history.close();
  assert.equal(clock.pendingTimers, timers - 1);
});
