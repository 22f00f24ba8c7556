import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bodyBytes,
  BusNetwork,
  hasFullClients,
  joinBytes,
  messageFrame,
  RunLog,
  type TestClient,
} from "../testing/index.ts";
import { AddressList, type RunHeader } from "../wire/index.ts";

/** Bits of the second flags byte that this version knows nothing of. [WIRE-4.3] */
const unknownBits = 0xc0;
/** Returned, redelivered, replay: what a leaf may not say of its own messages. */
const claimedBits = 0x0e;
const severalBit = 0x20;
const errorBit = 0x10;
const bulkBit = 0x01;

/** Each message run that a client sends from here on says `more` too, or has another body. */
function changeRuns(
  { link }: TestClient,
  { more = 0, body: other }: { more?: number; body?: Uint8Array },
): void {
  const write = link.write.bind(link);
  link.write = (chunks): boolean => {
    const frames: Uint8Array[] = [];
    const log = new (class extends RunLog {
      override message(header: RunHeader): void {
        const { destination, scope, listed, bytes, bodyStart, bodyEnd } = header;
        const list = listed === 0 ? undefined : new AddressList();
        for (let n = 0; n < listed; n++)
          list?.add({ number: header.listedNumber(n) } as Parameters<AddressList["add"]>[0]);
        const body = other ?? bytes.slice(bodyStart, bodyEnd);
        frames.push(messageFrame([{ header: { destination, scope, list, more }, body }]));
      }
    })();
    log.readAll(joinBytes(...chunks));
    return write(frames);
  };
}

/** What the second flags byte said of message runs that the server sends to a client from here on. */
function moreSentTo({ far }: TestClient): number[] {
  const seen: number[] = [];
  const write = far.write.bind(far);
  far.write = (chunks): boolean => {
    const log = new (class extends RunLog {
      override message(header: RunHeader): void {
        seen.push(header.more);
      }
    })();
    log.readAll(joinBytes(...chunks));
    return write(chunks);
  };
  return seen;
}

const skip = hasFullClients() ? false : "a light client sends a run for each topic";

test("[WIRE-4.3] bits that are not known here are passed on, claims of a leaf are not", async () => {
  await using net = await BusNetwork.open();
  const [a, b] = [await net.client(), await net.client()];
  const isReplay: boolean[] = [];
  b.bus.subscribe("t", (message) => isReplay.push(message.isReplay));
  a.bus.publish("t", 0);
  await net.settled();
  const seen = moreSentTo(b);
  changeRuns(a, { more: unknownBits | errorBit | bulkBit | claimedBits });
  a.bus.publish("t", 1);
  await net.settled();
  assert.deepEqual(seen, [unknownBits | errorBit | bulkBit]);
  assert.deepEqual(isReplay, [false, false]);
});

test("[WIRE-4.3] so they are of a run for several, as it is and cut", { skip }, async () => {
  await using net = await BusNetwork.open();
  const [a, all, one] = [await net.client(), await net.client(), await net.client()];
  const got: unknown[] = [];
  all.bus.subscribe("t/**", ({ value }) => got.push(value));
  await net.settled();
  for (let n = 0; n < 4; n++) a.bus.publish(`t/${n % 2}`, n);
  await net.settled();
  const seen = [moreSentTo(all), moreSentTo(one)];
  changeRuns(a, { more: unknownBits | claimedBits });
  const more = unknownBits;
  for (let n = 4; n < 8; n++) a.bus.publish(`t/${n % 2}`, n);
  await net.settled();
  assert.deepEqual(seen, [[more | severalBit], []]);
  one.bus.subscribe("t/1", () => {});
  await net.settled();
  for (let n = 8; n < 12; n++) a.bus.publish(`t/${n % 2}`, n);
  await net.settled();
  assert.deepEqual(seen, [
    [more | severalBit, more, more, more, more],
    [more, more],
  ]);
  assert.deepEqual(
    got,
    Array.from({ length: 12 }, (_, n) => n),
  );
});

test("[WIRE-4.5] a run for several with a producer is refused, cut or not", { skip }, async () => {
  for (const patterns of [["t/**"], ["t/**", "t/1"]]) {
    await using net = await BusNetwork.open();
    const a = await net.client();
    const got: unknown[] = [];
    for (const pattern of patterns)
      (await net.client()).bus.subscribe(pattern, ({ value }) => got.push(value));
    await net.settled();
    for (let n = 0; n < 2; n++) a.bus.publish(`t/${n}`, "before");
    await net.settled();
    const before = got.length;
    const producer = { id: new Uint8Array(16), incarnation: 1, runNumber: 1 };
    const record = { payload: Uint8Array.of(1) };
    changeRuns(a, { body: bodyBytes({ producer, records: [record, record] }) });
    for (let n = 0; n < 2; n++) a.bus.publish(`t/${n}`, "with a producer");
    await net.settled();
    assert.equal(got.length, before);
    assert.equal(net.server.stats.malformed, 1);
  }
});

test("a subscription to what is near was told what had been lost from afar", async () => {
  await using net = await BusNetwork.open({ maxQueueBytes: 8192 });
  const [a, slow] = [await net.client(), await net.client({ bufferBytes: 1 })];
  const missed = { global: 0, user: 0 };
  for (const realm of ["global", "user"] as const)
    slow.bus.subscribe("t", (message) => (missed[realm] += message.missed), { realm });
  await net.settled();
  a.bus.publish("t", 0);
  await net.settled();
  slow.link.pause();
  for (let n = 0; n < 1000; n++) {
    a.bus.publish("t", "x".repeat(100));
    await net.settled();
  }
  slow.link.resume();
  await net.settled();
  a.bus.publish("t", 1);
  await net.settled();
  slow.bus.publish("t", 2);
  await net.settled();
  assert.equal(missed.global, net.server.stats.dropped);
  assert.ok(missed.global > 100);
  assert.equal(missed.user, 0);
});
