import assert from "node:assert/strict";
import { test } from "node:test";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { z } from "zod";
import { BusNetwork } from "../testing/index.ts";
import type { RunningSubscription } from "./subscription.ts";
import { topic } from "./topic-handle.ts";

const chat = topic("chat", z.object({ from: z.string(), text: z.string().trim() }));

test("a schema refuses at publish what does not fit, and its output is what is sent", async () => {
  await using net = await BusNetwork.open();
  const got: unknown[] = [];
  net.server.subscribe(chat, (message) => got.push(message.value.text));
  net.server.publish(chat, { from: "ada", text: " hi " });
  assert.throws(
    () => net.server.publish(chat, { from: "ada", text: 1 as unknown as string }),
    (error: Error) =>
      /\[invalid\] the schema of chat refuses the value at text/u.test(error.message),
  );
  assert.deepEqual(got, ["hi"]);
});

test("what another node sent is checked on receipt, counted, and never ends the loop", async () => {
  await using net = await BusNetwork.open();
  const a = await net.client();
  const errors: Error[] = [];
  net.server.on("error", (error) => errors.push(error));
  const got: string[] = [];
  net.server.subscribe(chat, (message) => got.push(message.value.text));
  await net.settled();
  a.bus.publish("chat", { from: "ada" });
  a.bus.publish("chat", { from: "ada", text: " trimmed again " });
  await net.settled();
  assert.deepEqual(got, ["trimmed again"]);
  assert.equal(net.server.stats.invalid, 1);
  assert.match(String(errors[0]?.message), /^\[invalid\]/u);
});

test("what a refused message told of an earlier loss was lost with it", async () => {
  await using net = await BusNetwork.open();
  const { bus } = await net.client();
  const missed: number[] = [];
  const subscription = net.server.subscribe(chat, (message) => missed.push(message.missed));
  await net.settled();
  (subscription as unknown as RunningSubscription).noteMissed(5);
  bus.publish("chat", { from: "ada" });
  bus.publish("chat", { from: "ada", text: "good" });
  await net.settled();
  assert.deepEqual(missed, [5]);
});

test("a schema that answers with a promise is a misuse", async () => {
  await using net = await BusNetwork.open();
  const late: StandardSchemaV1<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => Promise.resolve({ value: value as number }),
    },
  };
  assert.throws(() => net.server.publish(topic("n", late), 1), TypeError);
});

test("a schema whose output is of another type than its input", async () => {
  await using net = await BusNetwork.open();
  const count = topic(
    "count",
    z.string().transform((text) => text.length),
  );
  const got: number[] = [];
  net.server.subscribe(count, (message) => got.push(message.value));
  net.server.publish(count, "four");
  assert.deepEqual(got, [4]);
});
