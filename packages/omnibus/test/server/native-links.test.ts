import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/index.ts";
import { createWebSocketDialer } from "../../src/link/index.ts";
import { createNodeWebSocketDialer, tcpDialer } from "../../src/node/index.ts";
import { Inbox } from "../../src/testing/index.ts";
import { ServerStage } from "./server-stage.ts";

const ways = [
  ["tcp", "tcp:", tcpDialer],
  ["the platform's WebSocket", "ws:", createWebSocketDialer()],
  ["Node's own WebSocket", "ws:", createNodeWebSocketDialer()],
] as const;

for (const [name, scheme, dialer] of ways) {
  test(`a fast publisher and a busy server lose and mix up nothing over ${name}`, async () => {
    await using stage = new ServerStage();
    const { url } = await stage.start();
    const options = {
      connect: url.replace("ws:", scheme),
      dialers: [dialer],
      strict: false,
      credentials: { kind: "token", token: stage.localToken },
    } as const;
    await using publisher = await createBus(options);
    await using subscriber = await createBus(options);
    // Runs of many sizes: small ones that are copied, ones that go by reference, and the largest.
    const sizes = [10, 1000, 3000, 40_000, 1_000_000];
    const total = 2000;
    const faults: string[] = [];
    const done = new Inbox<number>();
    let next = 0;
    const subscription = subscriber.subscribe<Uint8Array>("b", ({ value }) => {
      const size = (next % 400 === 0 ? sizes[4] : sizes[next % 4]) ?? 0;
      const mark = next & 255;
      const isGood = value.length === size && value[0] === mark && value[size - 1] === mark;
      if (!isGood) faults.push(`message ${next}: ${value.length} bytes`);
      if (++next === total) done.add(next);
    });
    await subscription.ready;
    for (let n = 0; n < total; n++) {
      const size = (n % 400 === 0 ? sizes[4] : sizes[n % 4]) ?? 0;
      const value = new Uint8Array(size).fill(n & 255);
      if (!publisher.publish("b", value, { congestion: "wait" })) await publisher.drained();
    }
    await done.next();
    assert.deepEqual(faults, []);
    assert.equal(subscriber.stats.malformed, 0);
  });
}

test("a message of the largest size passes over a WebSocket", async () => {
  await using stage = new ServerStage();
  const { url } = await stage.start();
  const credentials = { kind: "token", token: stage.localToken } as const;
  const dialers = [createNodeWebSocketDialer()];
  await using bus = await createBus({ connect: url, dialers, strict: false, credentials });
  await using other = await createBus({ connect: url, dialers, strict: false, credentials });
  const got = new Inbox<number>();
  await other.subscribe<Uint8Array>("b", ({ value }) => got.add(value.length)).ready;
  const size = 1_048_576 - 64;
  for (let n = 0; n < 3; n++) bus.publish("b", new Uint8Array(30_000), { congestion: "wait" });
  bus.publish("b", new Uint8Array(size), { congestion: "wait" });
  for (const expected of [30_000, 30_000, 30_000, size]) assert.equal(await got.next(), expected);
});
