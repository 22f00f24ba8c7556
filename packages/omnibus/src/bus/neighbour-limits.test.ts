import assert from "node:assert/strict";
import { test } from "node:test";
import type { OmnibusError } from "../base/index.ts";
import { BusNetwork, type TestClient } from "../testing/index.ts";

/** How sessions of a client end. */
function endsOf({ bus }: TestClient): (string | undefined)[] {
  const ends: (string | undefined)[] = [];
  bus.on("disconnected", ({ error }) => ends.push((error as OmnibusError | undefined)?.code));
  return ends;
}

test("[WIRE-7.5] who brings new topics too fast is read from more slowly, and nobody else is", async () => {
  await using net = await BusNetwork.open({ neighbourLimits: { maxNewTopicsPerSec: 10 } });
  const [hasty, calm] = [await net.client(), await net.client()];
  const ends = endsOf(hasty);
  const got: string[] = [];
  net.server.subscribe("**", ({ topic }) => got.push(topic));
  // Four seconds' worth, and six more, of which four are owed.
  for (let n = 0; n < 100; n++) hasty.bus.publish(`t/${n}`, n);
  await net.settled();
  assert.equal(got.length, 100);
  hasty.bus.publish("t/0", "known already");
  calm.bus.publish("calm", 1);
  await net.settled();
  assert.deepEqual(got.splice(0).slice(100), ["calm"]);
  await net.pass(3000);
  assert.deepEqual(got, []);
  await net.pass(1100);
  assert.deepEqual(got, ["t/0"]);
  assert.deepEqual(ends, []);
});

test("a subscription beyond the number, or beyond what names may take, fails with too-many", async () => {
  await using net = await BusNetwork.open({
    neighbourLimits: { maxInterests: 3, maxNameBytes: 2000 },
  });
  const { bus } = await net.client();
  const deep = bus.subscribe("a/b/c/d/e/f/*");
  await net.settled();
  await assert.rejects(deep.ready, { code: "too-many" });
  const flat = ["a", "b", "c/*"].map((topic) => bus.subscribe(topic));
  const fourth = bus.subscribe("d");
  await net.settled();
  await Promise.all(flat.map(({ ready }) => ready));
  await assert.rejects(fourth.ready, { code: "too-many" });
  // The same once more is none more, and what is taken back makes room.
  const again = bus.subscribe("a");
  await flat[2]?.close();
  const other = bus.subscribe("e/*");
  await net.settled();
  await Promise.all([again.ready, other.ready]);
});

test("a receiver that never reads does not use up the numbers of all topics", async () => {
  await using net = await BusNetwork.open();
  const stuck = await net.client({ bufferBytes: 1 });
  const ends = endsOf(stuck);
  const ended: (string | undefined)[] = [];
  net.server.on("disconnected", ({ error }) =>
    ended.push((error as OmnibusError | undefined)?.code),
  );
  stuck.bus.subscribe("**");
  await net.settled();
  stuck.link.pause();
  for (let n = 0; n < 3; n++) {
    net.server.publish("s", "x".repeat(1000));
    await net.settled();
  }
  await net.pass(2000);
  // What was used before it got stuck could go; nothing that came after it can.
  for (let n = 0; n < 70_000; n++) {
    try {
      net.server.publish(`t/${n}`, n);
    } catch (error) {
      assert.equal((error as OmnibusError).code, "too-many");
      break;
    }
    if (n % 1000 === 0) await net.settled();
  }
  assert.throws(() => net.server.publish("one/more", 1), { code: "too-many" });
  assert.deepEqual(ended, []);
  await net.pass(2000);
  assert.deepEqual(ended, ["overloaded"]);
  net.server.publish("one/more", 1);
  stuck.link.resume();
  await net.settled();
  assert.equal(ends.length, 1);
});

test("a busy reader was ended in the place of one that does not read, which used up all numbers", async () => {
  await using net = await BusNetwork.open();
  const [busy, stuck] = [
    await net.client({ bufferBytes: 1 }),
    await net.client({ bufferBytes: 1 }),
  ];
  const ends = endsOf(stuck);
  const busyEnds = endsOf(busy);
  let left = 0;
  // Another one comes for each that it has read, too large to share a frame: its queue is never empty.
  const large = "x".repeat(40_000);
  busy.bus.subscribe("busy", () => {
    net.server.publish("busy", large);
    if (--left === 0) busy.link.pause();
  });
  stuck.bus.subscribe("**");
  await net.settled();
  const read = async (): Promise<void> => {
    left = 10;
    busy.link.resume();
    await net.settled();
    assert.ok(left <= 0, "it reads");
  };
  busy.link.pause();
  for (let n = 0; n < 5; n++) {
    net.server.publish("busy", large);
    await net.settled();
  }
  await read();
  stuck.link.pause();
  net.server.publish("s", "x".repeat(1000));
  for (let second = 0; second < 3; second++) {
    await read();
    await net.pass(1000);
  }
  assert.throws(
    () => {
      for (let n = 0; n < 70_000; n++) net.server.publish(`t/${n}`, n);
    },
    { code: "too-many" },
  );
  await read();
  await net.pass(1000);
  stuck.link.resume();
  await net.settled();
  assert.deepEqual([ends.length, busyEnds], [1, []]);
  net.server.publish("one/more", 1);
});

test("a message that the server never takes is an error at the publisher, not only a drop", async () => {
  await using net = await BusNetwork.open({ maxMessageBytes: 1024 });
  const { bus } = await net.client();
  const errors: string[] = [];
  bus.on("error", (error) => errors.push(error.message));
  bus.publish("large", new Uint8Array(500_000), { congestion: "wait" });
  await net.settled();
  assert.match(
    errors[0] ?? "",
    /^\[too-big\] a message to large was not sent: .* takes at most 1\d{5} bytes$/,
  );
  assert.equal(bus.stats.dropped, 1);
  bus.publish("small", 1);
  await net.settled();
  assert.equal(errors.length, 1);
});
