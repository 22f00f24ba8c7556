import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bodyBytes,
  controlRun,
  frameBytes,
  fromHex,
  toHex,
  utf8,
  varints,
} from "../../packages/omnibus/src/testing/index.ts";
import {
  ByteWriter,
  ContentReader,
  decodeCbor,
  encodeCbor,
  runType,
} from "../../packages/omnibus/src/wire/index.ts";
import { concat, frame, message, onlyRecord, readFrame, type Run } from "./frame-by-hand.ts";

/** What one side sent and the other has not acknowledged. [WIRE-12.1] */
class Unacknowledged {
  next = 1;
  readonly runs = new Map<number, Run>();

  /** The number of the first. Only numbered runs are given here. */
  leave(...runs: Run[]): number {
    const first = this.next;
    for (const run of runs) this.runs.set(this.next++, run);
    return first;
  }

  acknowledge(content: Uint8Array): void {
    const below = new ContentReader(content, 0, content.length, "an ack").varint();
    for (const number of this.runs.keys()) if (number < below) this.runs.delete(number);
  }
}

/** What one side has handled: each run once, in order. */
class Handled {
  next = 1;
  readonly texts: string[] = [];

  take(bytes: Uint8Array): void {
    const { number, runs } = readFrame(bytes);
    for (const [n, { type, content }] of runs.entries()) {
      assert.ok(number + n <= this.next, "a hole");
      if (number + n < this.next) continue;
      this.next++;
      if (type === runType.message)
        this.texts.push(new TextDecoder().decode(onlyRecord(content).payload));
      if (type === runType.gap) this.texts.push(`gap of ${content[1]}`);
    }
  }
}

const text = (what: string): Run =>
  message({ destination: 1 }, bodyBytes({ records: [{ format: 1, payload: utf8(what) }] }));
const jobs: Run = {
  bytes: controlRun(runType.alias, concat(varints(1), Uint8Array.of(0), utf8("jobs"))),
};
const gap = (count: number): Run => ({ bytes: controlRun(runType.gap, varints(1, count)) });
const ack = (...numbers: number[]): Uint8Array => varints(...numbers);
const sessionId = new Uint8Array(16).fill(0x5e);
const secret = new Uint8Array(32).fill(0x11);
const mac = new Uint8Array(32).fill(0xac);

function cbor(value: unknown, hex: string): Uint8Array {
  const writer = new ByteWriter(4096);
  encodeCbor(value, writer);
  const bytes = writer.view().slice();
  assert.equal(toHex(bytes), toHex(fromHex(hex)));
  assert.deepEqual(decodeCbor(bytes, 0, bytes.length), value);
  return bytes;
}

test("a link breaks; what was not acknowledged is sent again under the same numbers, and handled once", () => {
  const sent = new Unacknowledged();
  const handled = new Handled();
  // `ready` of the first link: what resuming needs. [WIRE-8.4]
  cbor(
    ["ada", "leaf", sessionId, secret, 1, 60_000],
    "8663616461646c656166505e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e58201111111111111111111111" +
      "1111111111111111111111111111111111111111110119ea60",
  );

  handled.take(
    frame(
      sent.leave(jobs, text("one")),
      [jobs, text("one")],
      "001d01020601006a6f6273000100700b000101036f6e6566d5c8fc88a654c9",
    ),
  );
  // The acknowledgement stands in a frame of the other direction; it has no number of its own.
  const acked = frame(
    1,
    [{ bytes: controlRun(runType.ack, ack(handled.next)) }],
    "0008010601037e7e90f7",
  );
  sent.acknowledge(readFrame(acked).runs[0]?.content ?? new Uint8Array(0));
  assert.deepEqual([...sent.runs.keys()], []);

  handled.take(
    frame(sent.leave(text("two")), [text("two")], "001503000100700b0001010374776ff1d96e97bd043a43"),
  );
  // Lost with the link: three, and the acknowledgement of two. A run that a full queue dropped has no number.
  sent.leave(text("three"));
  assert.deepEqual([...sent.runs.keys()], [3, 4]);

  // The new link: [WIRE-8.3], then `ready` without a secret.
  const resume = cbor(
    ["resume", sessionId, 1, mac],
    "8466726573756d65505e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e015820acacacacacacacacacacacac" +
      "acacacacacacacacacacacacacacacacacacacac",
  );
  assert.equal(controlRun(runType.auth, resume)[0], 12);
  const ready = cbor(
    ["ada", "leaf", sessionId, null, handled.next],
    "8563616461646c656166505e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5ef604",
  );
  const awaited = (decodeCbor(ready, 0, ready.length) as unknown[])[4] as number;
  assert.equal(awaited, 4);
  for (const number of sent.runs.keys()) if (number < awaited) sent.runs.delete(number);
  for (const [number, run] of sent.runs)
    handled.take(frame(number, [run], "001704000100700d000101057468726565dfa1fe5c40ac03ca"));
  handled.take(
    frame(
      sent.leave(text("four")),
      [text("four")],
      "001605000100700c00010104666f7572d9180c4cf2caa31c",
    ),
  );
  assert.deepEqual(handled.texts, ["one", "two", "three", "four"]);
  assert.equal(handled.next, 6);
});

test("what comes twice, over two links, is handled once", () => {
  const handled = new Handled();
  const both = frame(
    1,
    [jobs, text("one")],
    "001d01020601006a6f6273000100700b000101036f6e6566d5c8fc88a654c9",
  );
  handled.take(both);
  handled.take(both);
  handled.take(frameBytes({ runs: [text("one"), text("two")], sessionNumber: 2 }));
  assert.deepEqual(handled.texts, ["one", "two"]);
  assert.throws(
    () => handled.take(frameBytes({ runs: [text("five")], sessionNumber: 5 })),
    /a hole/,
  );
});

test("an acknowledgement over several links says which runs beyond the first missing one came", () => {
  const content = ack(4, 2, 3, 1, 1);
  const read = new ContentReader(content, 0, content.length, "an ack");
  const below = read.varint();
  const there: number[] = [];
  for (let at = below; read.left > 0;) {
    at += read.varint();
    for (let count = read.varint(); count > 0; count--) there.push(at++);
  }
  assert.deepEqual([below, there], [4, [6, 7, 8, 10]]);
});

test("a buffer that ran over is told as a gap, exactly", () => {
  const handled = new Handled();
  handled.take(
    frame(1, [jobs, text("one")], "001d01020601006a6f6273000100700b000101036f6e6566d5c8fc88a654c9"),
  );
  // Runs 3 and 4 (two messages) were given up; 5 is there. The gap takes the number before it. [WIRE-12.2]
  const held = handled.next;
  assert.equal(held, 3);
  const again = frame(
    held,
    [gap(2), text("five")],
    "001a0309020102000100700c00010104666976656fb27fe025f97343",
  );
  handled.take(again);
  assert.deepEqual(handled.texts, ["one", "gap of 2", "five"]);
});
