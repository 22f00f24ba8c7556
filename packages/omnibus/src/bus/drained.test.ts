import assert from "node:assert/strict";
import { test } from "node:test";
import { BusNetwork, type TestClient } from "../testing/index.ts";
import type { BusView } from "./bus-view.ts";

const stranger = { kind: "anonymous", protocol: "test" } as const;
const text = JSON.stringify("x".repeat(1000));

/** A reader of `topic` that has stopped to read. */
async function stopped(net: BusNetwork, topic: string): Promise<TestClient> {
  const reader = await net.client({ bufferBytes: 8192, keepAliveMs: 600_000 });
  reader.bus.subscribe(topic, () => undefined);
  await net.settled();
  reader.link.pause();
  return reader;
}

/** Publishes until it is told to wait. */
async function fill(net: BusNetwork, view: BusView, topic: string): Promise<void> {
  for (let n = 0; view.publishRaw(topic, { format: "json", text }); n++) {
    assert.ok(n < 5000, "was never told to wait");
    await net.clock.settled(3);
  }
}

/** Whether a promise is settled by now. */
function watch(promise: Promise<void>): { isDone: boolean } {
  const watched = { isDone: false };
  void promise.then(() => (watched.isDone = true));
  return watched;
}

test("who publishes through an adapter waited for ever for a receiver that had stopped", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536, keepAliveMs: 600_000 });
  await stopped(net, "x");
  const view = await net.server.enter(stranger);
  await fill(net, view, "x");
  const drained = watch(view.drained());
  await net.pass(4500);
  assert.equal(drained.isDone, false);
  await net.pass(2500);
  assert.equal(drained.isDone, true);
  // It is not waited for again before it has made progress; what finds no room is dropped, and counted.
  for (let n = 0; n < 200; n++) {
    assert.ok(view.publishRaw("x", { format: "json", text }));
    await net.clock.settled(3);
  }
  assert.ok(net.server.stats.dropped > 0);
});

test("who publishes waited for receivers of what others publish", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 65_536, stallMs: 600_000 });
  const readers = [await stopped(net, "x"), await stopped(net, "y")];
  const [ofX, ofY] = [await net.server.enter(stranger), await net.server.enter(stranger)];
  await fill(net, ofX, "x");
  await fill(net, ofY, "y");
  const drained = [watch(ofX.drained()), watch(ofY.drained())];
  readers[1]?.link.resume();
  await net.pass(1000);
  assert.deepEqual(drained, [{ isDone: false }, { isDone: true }]);
  const again = watch(ofY.drained());
  await net.settled();
  assert.equal(again.isDone, true);
  readers[0]?.link.resume();
  await net.pass(1000);
  assert.equal(drained[0]?.isDone, true);
});
