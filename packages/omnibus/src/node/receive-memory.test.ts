import assert from "node:assert/strict";
import { test } from "node:test";
import type { Slab } from "../base/index.ts";
import type { LinkReceiver } from "../link/index.ts";
import { SeededRandom } from "../testing/index.ts";
import { ReceiveMemory } from "./receive-memory.ts";

/** Reads frames of 4 bytes of length and content, as a session would; may hold what it saw. */
class Frames implements LinkReceiver {
  wantedBytes = 0;
  readonly frames: Uint8Array[] = [];
  readonly held: { slab: Slab; start: number; end: number; copy: Uint8Array }[] = [];
  readonly slabs = new Set<Slab>();
  /** Whether it holds the memory of a frame, where it may. */
  mayHold: () => boolean = () => false;

  received(slab: Slab, start: number, end: number): number {
    this.slabs.add(slab);
    const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.length);
    let at = start;
    this.wantedBytes = 0;
    while (end - at >= 4) {
      const length = view.getUint32(at);
      if (end - at < 4 + length) {
        this.wantedBytes = 4 + length;
        break;
      }
      const copy = slab.bytes.slice(at + 4, at + 4 + length);
      this.frames.push(copy);
      if (!slab.mustCopy && this.mayHold()) {
        slab.hold();
        this.held.push({ slab, start: at + 4, end: at + 4 + length, copy });
      }
      at += 4 + length;
    }
    return at;
  }

  written(): void {}
  closed(): void {}

  /** What was held is as it was. */
  check(): void {
    for (const { slab, start, end, copy } of this.held) {
      assert.equal(Buffer.compare(slab.bytes.subarray(start, end), copy), 0);
    }
  }
}

function frame(n: number, bytes: number): Uint8Array {
  const whole = new Uint8Array(4 + bytes);
  new DataView(whole.buffer).setUint32(0, bytes);
  for (let at = 0; at < bytes; at++) whole[4 + at] = (n * 13 + at) & 0xff;
  return whole;
}

/** Puts bytes where the memory wants them, at most `most` at once, as a socket does. */
function arrive(
  memory: ReceiveMemory,
  receiver: Frames,
  bytes: Uint8Array,
  most = bytes.length,
): void {
  for (let at = 0; at < bytes.length;) {
    const room = memory.next();
    assert.ok(room.length > 0, "a read without room never ends");
    const count = Math.min(room.length, most, bytes.length - at);
    room.set(bytes.subarray(at, at + count));
    memory.took(count, receiver);
    at += count;
  }
}

test("a quiet link reads into the memory that all quiet links share, and owns none", () => {
  const [one, other] = [new ReceiveMemory(), new ReceiveMemory()];
  const [a, b] = [new Frames(), new Frames()];
  for (let n = 0; n < 5; n++) {
    arrive(one, a, frame(n, 100));
    arrive(other, b, frame(n, 100));
  }
  assert.ok(one.next() === other.next());
  assert.equal(a.slabs.size, 1);
  assert.ok([...a.slabs].every((slab) => slab.mustCopy));
});

test("half a frame leaves the shared memory at once, so that other links do not overwrite it", () => {
  const [one, other] = [new ReceiveMemory(), new ReceiveMemory()];
  const [a, b] = [new Frames(), new Frames()];
  const bytes = frame(1, 1000);
  arrive(one, a, bytes.subarray(0, 500));
  arrive(other, b, frame(2, 10_000));
  arrive(one, a, bytes.subarray(500));
  assert.deepEqual(a.frames, [bytes.subarray(4)]);
  arrive(one, a, frame(3, 10));
  assert.ok(one.next() === other.next());
});

test("every split of two frames gives the same frames", () => {
  const bytes = Buffer.concat([frame(1, 30), frame(2, 0), frame(3, 50)]);
  for (let first = 0; first <= bytes.length; first++) {
    for (let second = first; second <= bytes.length; second += 7) {
      const memory = new ReceiveMemory();
      const receiver = new Frames();
      for (const piece of [
        bytes.subarray(0, first),
        bytes.subarray(first, second),
        bytes.subarray(second),
      ]) {
        arrive(memory, receiver, piece);
      }
      assert.deepEqual(
        receiver.frames.map(({ length }) => length),
        [30, 0, 50],
      );
    }
  }
});

test("what a receiver holds stays as it was, whatever is read afterwards", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new SeededRandom(seed);
    const memory = new ReceiveMemory();
    const receiver = new Frames();
    receiver.mayHold = () => random.integer(4) === 0;
    const sent: Uint8Array[] = [];
    for (let n = 0; n < 300; n++) {
      const bytes = frame(n, random.pick([0, 10, 500, 3000, 20_000, n % 50 === 0 ? 600_000 : 100]));
      sent.push(bytes.subarray(4));
      arrive(memory, receiver, bytes, random.pick([7000, 30_000, 65_536, 262_144]));
      if (random.integer(5) === 0) {
        receiver.check();
        for (const { slab } of receiver.held.splice(0)) slab.release();
      }
    }
    receiver.check();
    assert.equal(receiver.frames.length, sent.length);
    for (const [n, bytes] of receiver.frames.entries()) {
      assert.equal(Buffer.compare(bytes, sent[n] as Uint8Array), 0, `seed ${seed}, frame ${n}`);
    }
    for (const { slab } of receiver.held) slab.release();
    memory.close();
  }
});

test("a busy link keeps its memory, takes other while somebody holds it, and gives it back when quiet", () => {
  const memory = new ReceiveMemory();
  const receiver = new Frames();
  arrive(memory, receiver, frame(1, 40_000));
  const busy = memory.next().buffer;
  arrive(memory, receiver, frame(2, 40_000));
  assert.ok(memory.next().buffer === busy);
  receiver.mayHold = () => true;
  arrive(memory, receiver, frame(3, 40_000));
  assert.ok(memory.next().buffer !== busy);
  receiver.check();
  receiver.mayHold = () => false;
  arrive(memory, receiver, frame(4, 10));
  assert.ok(memory.next() === new ReceiveMemory().next());
});

test("a large frame is collected in memory that grows with what really came", () => {
  const memory = new ReceiveMemory();
  const receiver = new Frames();
  const claim = new Uint8Array(4);
  new DataView(claim.buffer).setUint32(0, 0x3fffffff);
  arrive(memory, receiver, claim);
  assert.equal(receiver.wantedBytes, 0x40000003);
  assert.ok(memory.next().length <= 8192, "a claim alone must not cost memory");
  const other = new ReceiveMemory();
  const whole = frame(5, 3_000_000);
  const frames = new Frames();
  let most = 0;
  for (let at = 0; at < whole.length; at += 50_000) {
    arrive(other, frames, whole.subarray(at, at + 50_000));
    most = Math.max(most, other.next().length + at);
  }
  assert.deepEqual(
    frames.frames.map(({ length }) => length),
    [3_000_000],
  );
  assert.equal(Buffer.compare(frames.frames[0] as Uint8Array, whole.subarray(4)), 0);
  assert.ok(most < 7_000_000, `${most}`);
});

test("bytes that were read elsewhere are shown where they are, and collected only when cut", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const random = new SeededRandom(seed);
    const memory = new ReceiveMemory();
    const receiver = new Frames();
    const sent = Array.from({ length: 60 }, (_, n) =>
      frame(n, random.pick([0, 5, 3000, 50_000, 300_000])),
    );
    const bytes = Buffer.concat(sent);
    for (let at = 0; at < bytes.length;) {
      const length = 1 + random.integer(random.pick([10, 20_000, 65_536, 400_000]));
      memory.feed(Uint8Array.from(bytes.subarray(at, at + length)), receiver);
      at += length;
    }
    assert.equal(receiver.frames.length, sent.length, `seed ${seed}`);
    for (const [n, copy] of receiver.frames.entries()) {
      assert.equal(
        Buffer.compare(copy, (sent[n] as Uint8Array).subarray(4)),
        0,
        `seed ${seed}, frame ${n}`,
      );
    }
  }
  const memory = new ReceiveMemory();
  const receiver = new Frames();
  const chunk = frame(1, 100);
  memory.feed(chunk, receiver);
  assert.deepEqual(
    [...receiver.slabs].map(({ bytes }) => bytes),
    [chunk],
  );
});

test("close gives back what it has, in the middle of a frame too", () => {
  const memory = new ReceiveMemory();
  const receiver = new Frames();
  arrive(memory, receiver, frame(1, 100_000).subarray(0, 70_000));
  memory.close();
  memory.close();
  assert.ok(memory.next() === new ReceiveMemory().next());
});
