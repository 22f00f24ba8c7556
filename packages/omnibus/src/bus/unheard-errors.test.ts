import assert from "node:assert/strict";
import { test } from "node:test";
import { OmnibusError } from "../base/index.ts";
import { FakeClock, SeededRandom } from "../testing/index.ts";
import { EventHub } from "./event-hub.ts";
import { createBus } from "./open-bus.ts";

function hub(): { clock: FakeClock; lines: string[]; events: EventHub } {
  const clock = new FakeClock();
  const lines: string[] = [];
  return { clock, lines, events: new EventHub(clock, (line) => lines.push(line)) };
}

const listen = 'told here because nothing listens to bus.on("error", ...)';

test("an error that nobody listens to is one line, the same again at most once a second", () => {
  const { clock, lines, events } = hub();
  const fail = (text: string): void => events.tell("error", new OmnibusError("denied", text));
  for (let n = 0; n < 5; n++) fail("no\nway");
  fail("nor here");
  assert.deepEqual(lines, [`omnibus: [denied] no way; ${listen}`]);
  clock.advance(1000);
  assert.deepEqual(lines.slice(1), [
    `omnibus: [denied] no way (4 times); ${listen}`,
    `omnibus: [denied] nor here; ${listen}`,
  ]);
});

test("an error that somebody listens to is no line, and other events never are", () => {
  const { lines, events } = hub();
  const heard: Error[] = [];
  const end = events.on("error", (error) => heard.push(error));
  events.tell("error", new Error("heard"));
  events.tell("disconnected", { remote: "a", error: new Error("lost") });
  assert.equal(heard.length, 1);
  assert.deepEqual(lines, []);
  end();
  events.tell("error", new Error("not heard"));
  assert.equal(lines.length, 1);
});

test("without another report it is the console that says so", async (t) => {
  const said = t.mock.method(console, "error", () => {});
  const options = { clock: new FakeClock(), random: new SeededRandom(1), strict: false };
  await using bus = await createBus(options);
  bus.subscribe("a", () => {
    throw new Error("a handler's fault");
  });
  bus.publish("a", 1);
  await options.clock.settled();
  assert.deepEqual(
    said.mock.calls.map(({ arguments: [line] }) => String(line)),
    [`omnibus: a handler's fault; ${listen}`],
  );
});
