import assert from "node:assert/strict";
import { test } from "node:test";
import { DIGITS, holeAt } from "./holes.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import type { RawReceiver } from "./raw-protocol.ts";

const shape = { size: 16, topics: ["b/0000"], sliceBytes: 1024 };
const form: MessageForm = {
  name: "test",
  encode: (_topic, _index, payload) =>
    Buffer.concat([Buffer.from("MSG "), payload, Buffer.from("\r\n")]),
};
const MESSAGE_BYTES = 22;

function stream(messages: number): Buffer {
  const publisher = repeatingPublisher(shape, form);
  const parts: Uint8Array[] = [];
  for (let count = 0; count < messages;) {
    const slice = publisher.next();
    parts.push(slice.bytes);
    count += slice.messages;
  }
  return Buffer.concat(parts).subarray(0, messages * MESSAGE_BYTES);
}

function feed(receiver: RawReceiver, bytes: Uint8Array, pieceBytes: number): void {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    receiver.push(bytes.subarray(at, at + pieceBytes));
  }
}

test("a clean stream passes, however it is cut", () => {
  const bytes = stream(3000);
  for (const pieceBytes of [1, 7, 22, 1000, 65_536]) {
    const receiver = repeatingReceiver(shape, form);
    feed(receiver, bytes, pieceBytes);
    assert.equal(receiver.received, 3000);
    assert.deepEqual(receiver.faults(3000), []);
  }
});

test("a lost, a duplicated, an exchanged and a corrupted message are caught", () => {
  const bytes = stream(3000);
  const at = (message: number): number => message * MESSAGE_BYTES;
  const wrong: Record<string, Buffer> = {
    lost: Buffer.concat([bytes.subarray(0, at(100)), bytes.subarray(at(101))]),
    duplicated: Buffer.concat([bytes.subarray(0, at(100)), bytes.subarray(at(99))]),
    exchanged: Buffer.concat([
      bytes.subarray(0, at(100)),
      bytes.subarray(at(101), at(102)),
      bytes.subarray(at(100), at(101)),
      bytes.subarray(at(102)),
    ]),
    corrupted: Buffer.from(bytes),
  };
  wrong["corrupted"]?.writeUInt8(0xee, at(2000) + 13);
  for (const [name, history] of Object.entries(wrong)) {
    const receiver = repeatingReceiver(shape, form);
    feed(receiver, history, 4096);
    assert.notDeepEqual(receiver.faults(3000), [], name);
  }
});

test("a whole pattern lost shows in the count", () => {
  const receiver = repeatingReceiver(shape, form);
  feed(receiver, stream(1024), 4096);
  assert.deepEqual(receiver.faults(2048), ["1024 lost"]);
});

test("an interlude between two messages is read past, however it is cut", () => {
  const bytes = stream(50);
  const cut = 20 * MESSAGE_BYTES;
  const ping = Buffer.from("PING\r\n");
  const mixed = Buffer.concat([bytes.subarray(0, cut), ping, bytes.subarray(cut)]);
  for (let pieceBytes = 1; pieceBytes < 100; pieceBytes += 1) {
    let pings = 0;
    const onRead = (): void => {
      pings += 1;
    };
    const receiver = repeatingReceiver(shape, form, { bytes: ping, onRead });
    feed(receiver, mixed, pieceBytes);
    assert.deepEqual(receiver.faults(50), []);
    assert.equal(pings, 1);
  }
});

test("an interlude inside a message is a fault", () => {
  const bytes = stream(50);
  const cut = 20 * MESSAGE_BYTES + 3;
  const ping = Buffer.from("PING\r\n");
  const receiver = repeatingReceiver(shape, form, { bytes: ping, onRead: () => {} });
  feed(receiver, Buffer.concat([bytes.subarray(0, cut), ping, bytes.subarray(cut)]), 4096);
  assert.notDeepEqual(receiver.faults(50), []);
});

const CLOCK = "0000";
const holed: MessageForm = {
  name: "test with a clock",
  encode: (_topic, _index, payload) =>
    Buffer.concat([Buffer.from("MSG "), payload, Buffer.from(` ${CLOCK}\r\n`)]),
  holesOf: (message) => [holeAt(message, CLOCK, DIGITS)],
};
const HOLED_BYTES = 27;

/** What a middle would send that writes the time into every message. */
function clocked(messages: number): Buffer {
  const publisher = repeatingPublisher(shape, holed);
  const parts: Uint8Array[] = [];
  for (let count = 0; count < messages;) {
    const slice = publisher.next();
    parts.push(slice.bytes);
    count += slice.messages;
  }
  const bytes = Buffer.from(Buffer.concat(parts).subarray(0, messages * HOLED_BYTES));
  for (let message = 0; message < messages; message += 1) {
    bytes.write(String(1000 + message).padStart(4, "0"), message * HOLED_BYTES + 21);
  }
  return bytes;
}

test("a clock that the middle writes may hold any digits, however the stream is cut", () => {
  for (const pieceBytes of [1, 7, 27, 1000, 65_536]) {
    const receiver = repeatingReceiver(shape, holed);
    feed(receiver, clocked(3000), pieceBytes);
    assert.deepEqual(receiver.faults(3000), []);
  }
});

test("beside a clock, too, what is lost, doubled, exchanged or corrupted is caught", () => {
  const at = (message: number): number => message * HOLED_BYTES;
  const change = (from: number, to: number, ...instead: [number, number][]): Buffer => {
    const bytes = clocked(3000);
    const middle = instead.map(([first, end]) => bytes.subarray(at(first), at(end)));
    return Buffer.concat([bytes.subarray(0, at(from)), ...middle, bytes.subarray(at(to))]);
  };
  const wrong: Record<string, Buffer> = {
    lost: change(100, 101),
    duplicated: change(100, 101, [100, 101], [100, 101]),
    exchanged: change(100, 102, [101, 102], [100, 101]),
    corrupted: clocked(3000),
    "no clock": clocked(3000),
  };
  wrong["corrupted"]?.writeUInt8(0xee, at(2000) + 13);
  wrong["no clock"]?.write("x", at(2000) + 22);
  for (const [name, history] of Object.entries(wrong)) {
    for (const pieceBytes of [13, 4096]) {
      const receiver = repeatingReceiver(shape, holed);
      // A copy: what stands in the holes is written over.
      feed(receiver, Buffer.from(history), pieceBytes);
      assert.notDeepEqual(receiver.faults(3000), [], name);
    }
  }
});

test("an interlude between two messages with a clock is read past, however it is cut", () => {
  const bytes = clocked(50);
  const cut = 20 * HOLED_BYTES;
  const ping = Buffer.from("PING\r\n");
  for (let pieceBytes = 1; pieceBytes < 100; pieceBytes += 1) {
    let pings = 0;
    const onRead = (): void => {
      pings += 1;
    };
    const receiver = repeatingReceiver(shape, holed, { bytes: ping, onRead });
    feed(receiver, Buffer.concat([bytes.subarray(0, cut), ping, bytes.subarray(cut)]), pieceBytes);
    assert.deepEqual(receiver.faults(50), []);
    assert.equal(pings, 1);
  }
});
