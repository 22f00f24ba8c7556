import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "./fake-clock.ts";
import { MemoryNetwork, type MemoryNetworkOptions } from "./memory-network.ts";
import { RecordingReceiver } from "./recording-receiver.ts";
import { SeededRandom } from "./seeded-random.ts";

function world(options: Partial<MemoryNetworkOptions> = {}, isMessageBased = false) {
  const clock = new FakeClock();
  const network = new MemoryNetwork({ clock, random: new SeededRandom(1), ...options });
  const [a, b] = network.connect({ isMessageBased });
  return { clock, network, a, b, atA: new RecordingReceiver(a), atB: new RecordingReceiver(b) };
}

const numbered = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, n) => Uint8Array.of(n));

test("delay is kept to the millisecond, and streams keep their order under jitter", () => {
  const { clock, a, atB } = world({ delayMs: 10, jitterMs: 5 });
  for (const piece of numbered(100)) a.write([piece]);
  clock.advance(9);
  assert.equal(atB.pieces.length, 0);
  clock.advance(6);
  assert.deepEqual([...atB.bytes], [...numbered(100).keys()]);
});

test("bandwidth spreads what is sent over time", () => {
  const { clock, a, atB } = world({ bytesPerMs: 1 });
  for (const piece of numbered(10)) a.write([piece]);
  clock.advance(4);
  assert.equal(atB.bytes.length, 4);
  clock.advance(6);
  assert.equal(atB.bytes.length, 10);
});

test("a full buffer makes a write wait until the other side has read", () => {
  const { clock, a, b, atA, atB } = world({ bufferBytes: 2 });
  b.pause();
  assert.equal(a.write([Uint8Array.of(1, 2)]), true);
  assert.equal(a.write([Uint8Array.of(3)]), false);
  clock.advance(1000);
  assert.deepEqual(atA.events, []);
  b.resume();
  clock.settle();
  assert.deepEqual(atA.events, ["written"]);
  assert.deepEqual(atB.bytes, Uint8Array.of(1, 2, 3));
});

for (const split of ["random", "bytes"] as const) {
  test(`a stream falls into pieces (${split}) and stays whole`, () => {
    const { clock, a, atB } = world({ split });
    a.write(numbered(50));
    clock.settle();
    assert.deepEqual([...atB.bytes], [...numbered(50).keys()]);
    if (split === "bytes") assert.equal(atB.pieces.length, 50);
    else assert.ok(atB.pieces.length > 1);
  });
}

test("messages are lost and overtaken, the same ones for the same seed", () => {
  const run = (): number[] => {
    const { clock, network, a, atB } = world({ lossRate: 0.2, reorderRate: 0.2, delayMs: 3 }, true);
    for (const piece of numbered(200)) {
      a.write([piece]);
      clock.advance(1);
    }
    clock.advance(100);
    assert.equal(atB.pieces.length + network.lost, 200);
    return [...atB.bytes];
  };
  const seen = run();
  assert.ok(seen.length < 200);
  assert.notDeepEqual(
    seen,
    seen.toSorted((x, y) => x - y),
  );
  assert.deepEqual(run(), seen);
});

test("a stream loses nothing: the link breaks", () => {
  const { clock, network, a, atA, atB } = world({ lossRate: 0.1 });
  for (const piece of numbered(200)) {
    if (!atA.isClosed) a.write([piece]);
    clock.settle();
  }
  assert.equal(network.lost, 1);
  assert.ok(atA.isClosed && atB.isClosed);
  assert.equal(atA.error?.code, "closed");
  assert.deepEqual([...atB.bytes], [...atB.bytes.keys()]);
});

test("a partition holds streams back and loses messages until it heals", () => {
  const stream = world();
  stream.network.partition();
  stream.a.write([Uint8Array.of(1)]);
  stream.clock.advance(1000);
  assert.equal(stream.atB.pieces.length, 0);
  stream.network.heal();
  stream.clock.settle();
  assert.deepEqual(stream.atB.bytes, Uint8Array.of(1));

  const messages = world({}, true);
  messages.network.partition(messages.a);
  messages.a.write([Uint8Array.of(1)]);
  messages.network.heal(messages.a);
  messages.a.write([Uint8Array.of(2)]);
  messages.clock.settle();
  assert.deepEqual(messages.atB.bytes, Uint8Array.of(2));
});

test("received memory is overwritten once nobody holds it, and all of it comes back", () => {
  const { clock, network, a, b } = world();
  const seen: { slab: { bytes: Uint8Array; release(): void } }[] = [];
  const receiver = new RecordingReceiver();
  const [c, d] = network.connect();
  new RecordingReceiver(c);
  d.open({
    wantedBytes: 0,
    received: (slab, _start, end) => {
      if (seen.length === 0) slab.hold();
      seen.push({ slab });
      return end;
    },
    written: () => receiver.written(),
    closed: () => receiver.closed(),
  });
  c.write([Uint8Array.of(1)]);
  clock.settle();
  c.write([Uint8Array.of(2)]);
  clock.settle();
  assert.deepEqual(
    seen.map(({ slab }) => slab.bytes[0]),
    [1, 0xdd],
  );
  assert.equal(network.memory.lent, 1);
  seen[0]?.slab.release();
  assert.equal(network.memory.lent, 0);
  assert.equal(seen[0]?.slab.bytes[0], 0xdd);
  a.destroy();
  b.destroy();
});
