import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bus, BusOptions } from "../bus/index.ts";
import { BusNetwork, useClients } from "../testing/index.ts";
import type { LightBusOptions } from "./light-options.ts";
import { type LightBus, openBus } from "./open-light-bus.ts";

useClients(async (options) => (await openBus(options)) as Bus);

test("a full bus can take the place of a light one, and so can the options of a light one", () => {
  const asLight = (bus: Bus): LightBus => bus;
  const asFull = (options: LightBusOptions): BusOptions => options;
  assert.equal(typeof asLight, typeof asFull);
});

test("what only the full bus does is refused with a code", async () => {
  const wrong: unknown[] = [
    {},
    { connect: [] },
    { connect: ["ws://a", "ws://b"] },
    { connect: "ws://a", strict: true },
    { connect: "ws://a", ca: "x" },
    { connect: "ws://a", log: {} },
    { connect: "ws://a", authority: {} },
    { connect: "ws://a", neighbourLimits: {} },
  ];
  for (const options of wrong)
    await assert.rejects(openBus(options as LightBusOptions), /^OmnibusError: \[bad-config\]/u);
});

test("an address that cannot be dialled is refused with a code", async () => {
  for (const connect of ["tcp://127.0.0.1:1", "nowhere"])
    await assert.rejects(openBus({ connect }), /\[connect-failed\]/u);
});

test("a signal that fires closes the bus", async () => {
  await using net = await BusNetwork.open();
  const abort = new AbortController();
  const { bus } = await net.client({ signal: abort.signal });
  abort.abort();
  await net.settled();
  assert.throws(() => bus.publish("x", 1), /\[closed\]/u);
});

test("more topics than there are numbers: each message arrives under its own topic", async () => {
  await using net = await BusNetwork.open();
  const { bus } = await net.client();
  const got: string[] = [];
  net.server.subscribe("**", ({ topic, value }) => got.push(`${topic}=${String(value)}`));
  await net.settled();
  const sent: string[] = [];
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 5000; n++) {
      bus.publish(`t/${n}`, round, { congestion: "wait" });
      sent.push(`t/${n}=${round}`);
    }
    await net.pass(500);
  }
  assert.deepEqual(got, sent);
});

test("a server that takes nothing: what finds no room is counted, and told as missed", async () => {
  await using net = await BusNetwork.open();
  const { bus, far } = await net.client({ maxQueueBytes: 65_536, bufferBytes: 1024 });
  const counts: number[] = [];
  let missed = 0;
  net.server.subscribe("x", (message) => {
    counts.push(Number(message.value));
    missed += message.missed;
  });
  await net.settled();
  far.pause();
  let isFull = false;
  for (let n = 0; n < 1000; n++) {
    if (!bus.publish("x", n)) isFull = true;
    bus.publish("y", new Uint8Array(1000));
  }
  await net.settled();
  assert.ok(isFull && bus.stats.dropped > 0);
  far.resume();
  await bus.drained();
  bus.publish("x", 1000);
  await net.settled();
  assert.equal(counts.length + missed, 1001, "each is there or was told");
  assert.equal(counts.at(-1), 1000);
});
