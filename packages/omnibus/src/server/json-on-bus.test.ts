import assert from "node:assert/strict";
import { test } from "node:test";
import { createJsonAdapter } from "../adapters/json/index.ts";
import { createBus } from "../bus/index.ts";
import { FakeClock, RecordingConversation, SeededRandom } from "../testing/index.ts";
import { broadcasts, payloads } from "../../test/json/json-world.ts";
import { ServerHistory } from "./history.ts";

/** The adapter on the real bus, as a server puts them together. */
async function make() {
  const clock = new FakeClock({ wallMs: 1_689_475_200_000 });
  const random = new SeededRandom(1);
  const history = new ServerHistory({ clock });
  const bus = await createBus({ clock, random, log: history });
  const reported: string[] = [];
  const adapter = createJsonAdapter({
    clock,
    random,
    history,
    enter: (credentials, caller) => bus.enter(credentials, caller),
    login: (user) => Promise.resolve(user),
    report: (error) => reported.push(error.message),
  });
  const client = async (): Promise<RecordingConversation> => {
    const conversation = new RecordingConversation(adapter);
    conversation.say({ type: "auth", token: "t" });
    await clock.settled();
    assert.equal(conversation.take().length, 1);
    return conversation;
  };
  return { clock, bus, client, reported };
}

test("JSON clients and programs hear each other on the same topics", async () => {
  const { bus, client } = await make();
  const seen: unknown[] = [];
  bus.subscribe("chat", (message) => seen.push([message.value, message.format]));
  const a = await client();
  a.say({ type: "subscribe", topic: "chat" });
  a.say({ type: "publish", topic: "chat", payload: { from: "a" } });
  bus.publish("chat", { from: "program", n: 7n, at: new Date(0), missing: undefined });
  bus.publish("chat", new Uint8Array([1, 2, 3]));
  bus.publish("chat", "text");
  assert.deepEqual(seen[0], [{ from: "a" }, "json"]);
  assert.deepEqual(
    broadcasts(a).map((one) => [one.payload, one.encoding]),
    [
      [{ from: "a" }, undefined],
      [{ from: "program", n: "7", at: "1970-01-01T00:00:00.000Z" }, undefined],
      ["AQID", "base64"],
      ["text", undefined],
    ],
  );
});

test("reconnect, replay, wildcards, QoS 1 and the end, on the real bus", async () => {
  const { clock, bus, client, reported } = await make();
  const publisher = await client();
  for (let n = 0; n < 12; n++) publisher.say({ type: "publish", topic: "x/a", payload: n });
  const a = await client();
  a.say({ type: "subscribe", topic: "x/*", confirm: true });
  a.say({ type: "subscribe", topic: "x/a" });
  assert.deepEqual(payloads(a), [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  await clock.settled();
  assert.deepEqual(a.take(), [{ type: "confirmed", command: "subscribe", topic: "x/*" }]);
  publisher.say({ type: "publish", topic: "x/a", payload: "m", message_id: "m", qos: 1 });
  assert.deepEqual(payloads(a), ["m"]);
  clock.advance(5000);
  assert.equal(broadcasts(a)[0]?.redelivered, true);
  a.end();
  await clock.settled();
  const again = await client();
  again.say({ type: "subscribe", topic: "x/a", replay: 1 });
  assert.deepEqual(
    broadcasts(again).map((one) => [one.message_id, one.redelivered]),
    [["m", true]],
  );
  for (const one of [publisher, again]) one.end();
  await clock.settled();
  assert.equal(bus.stats.delivered > 0, true);
  assert.deepEqual(reported, []);
  await bus.close();
});
