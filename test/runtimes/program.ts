/**
 * What the smoke tests run under every runtime: the library in one process, and against a server over
 * each address that is given. Prints a line for each thing that works; ends with an error otherwise.
 */
import assert from "node:assert/strict";
import { type Bus, openBus } from "omnibus";

const [token = "", ...urls] = process.argv.slice(2);

const values: readonly unknown[] = [
  null,
  12n ** 20n,
  "blue 蓝",
  new Uint8Array([1, 2, 255]),
  new Date(1_700_000_000_123),
  { list: [1, { deep: true }] },
  new Map([["a", new Set([1])]]),
  new Uint8Array(700_000).fill(7),
];

/** Publishes all of them, and expects them back in order. */
async function roundTrip(bus: Bus, topic: string, sent: readonly unknown[]): Promise<void> {
  const received: unknown[] = [];
  const done = Promise.withResolvers<void>();
  const subscription = bus.subscribe(`${topic}/*`, ({ value, missed }) => {
    assert.equal(missed, 0);
    if (received.push(value) === sent.length) done.resolve();
  });
  await subscription.ready;
  for (const value of sent) {
    if (!bus.publish(`${topic}/x`, value, { congestion: "wait" })) await bus.drained();
  }
  await done.promise;
  assert.deepEqual(received, sent);
  await subscription.close();
}

const many = Array.from({ length: 20_000 }, (_, number) => number);

await using alone = await openBus();
await roundTrip(alone, "alone", values);
console.log("in process: values");
assert.throws(() => alone.publish("alone/**", 1), /\[bad-topic\]/);

for (const url of urls) {
  const { protocol } = new URL(url);
  await using bus = await openBus({ connect: url, credentials: { kind: "token", token } });
  await roundTrip(bus, protocol.slice(0, -1), values);
  console.log(`${protocol} values`);
  await roundTrip(bus, protocol.slice(0, -1), many);
  console.log(`${protocol} ${many.length} messages in order`);
  await assert.rejects(
    openBus({ connect: url, credentials: { kind: "token", token: "wrong" } }),
    /\[not-authenticated\]/,
  );
  console.log(`${protocol} a wrong token is refused`);
  const { unsentBytes } = await bus.close();
  assert.equal(unsentBytes, 0);
}
console.log("done");
