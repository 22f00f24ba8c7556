import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Slab } from "../../base/index.ts";
import {
  goldenFrames,
  hexBytes as hex,
  malformedFrames,
  maskedFrame as masked,
  plainFrame as frame,
  serverReading as server,
  type FoundFrame as Found,
} from "../../testing/index.ts";
import {
  FrameReader,
  type FrameReaderOptions,
  type FrameReceiver,
  slabOver,
} from "./frame-reader.ts";

class Recorder implements FrameReceiver {
  readonly found: Found[] = [];
  text(text: string): void {
    this.found.push(["text", text]);
  }
  binary(slab: Slab, start: number, end: number): void {
    this.found.push(["binary", Buffer.from(slab.bytes.subarray(start, end)).toString("hex")]);
  }
  ping(payload: Buffer): void {
    this.found.push(["ping", payload.toString("latin1")]);
  }
  pong(): void {
    this.found.push(["pong"]);
  }
  closeFrame(code: number, reason: string): void {
    this.found.push(["close", code, reason]);
  }
  failed(code: number, text: string): void {
    this.found.push(["failed", code, text]);
  }
}

/** What a reader finds in `bytes` that come in pieces cut at `cuts`. */
function read(options: FrameReaderOptions, bytes: Buffer, cuts: readonly number[] = []): Found[] {
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, options);
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    const piece = Buffer.from(bytes.subarray(start, end));
    reader.read(piece, 0, piece.length);
    piece.fill(0xee); // Nothing may be kept of a chunk.
    start = end;
  }
  return recorder.found;
}

describe("golden frames", () => {
  for (const { name, options, bytes, found } of goldenFrames) {
    test(name, () => assert.deepEqual(read(options, bytes), found));
    test(`${name}, split at every position`, () => {
      const step = bytes.length > 4096 ? 997 : 1;
      for (let cut = 0; cut <= bytes.length; cut += step) {
        assert.deepEqual(read(options, bytes, [cut]), found, `cut at ${cut}`);
      }
    });
    test(`${name}, byte by byte`, () => {
      if (bytes.length > 4096) return;
      const cuts = Array.from({ length: bytes.length }, (_, at) => at);
      assert.deepEqual(read(options, bytes, cuts), found);
    });
  }
});

describe("malformed frames fail with their close code, and nothing behind them is read", () => {
  const after = masked(frame(0x81, Buffer.from("after")));
  for (const [name, options, bytes, code] of malformedFrames) {
    test(name, () => {
      const whole = read(options, Buffer.concat([bytes, after]));
      const failures = whole.filter(([kind]) => kind === "failed");
      assert.deepEqual(
        failures.map((failure) => failure[1]),
        [code],
      );
      assert.equal(whole.at(-1)?.[0], "failed");
      if (bytes.length > 4096) return;
      for (let cut = 0; cut <= bytes.length; cut++)
        assert.deepEqual(read(options, bytes, [cut]), whole);
    });
  }
});

test("a message of exactly the largest size is read, in one frame and in two", () => {
  const half = Buffer.alloc(524_288, 1);
  const whole = Buffer.alloc(1_048_576, 1);
  const bytes = Buffer.concat([
    masked(frame(0x82, whole)),
    masked(frame(0x02, half)),
    masked(frame(0x80, half)),
  ]);
  const found = read(server, bytes, [100, 70_000, 1_048_590]);
  assert.deepEqual(
    found.map(([kind, content]) => [kind, (content as string).length / 2]),
    [
      ["binary", 1_048_576],
      ["binary", 1_048_576],
    ],
  );
});

test("a large claim takes no memory before the bytes come", () => {
  const before = process.memoryUsage().arrayBuffers;
  const readers = Array.from({ length: 200 }, () => {
    const reader = new FrameReader(new Recorder(), server);
    const bytes = hex("82 ff 0000000000100000 00000000 01");
    reader.read(bytes, 0, bytes.length);
    return reader;
  });
  const taken = process.memoryUsage().arrayBuffers - before;
  assert.ok(taken < 200 * 16_384, `${taken} bytes for ${readers.length} claims`);
});

test("each fragment of a message moved all that had come before it", (context) => {
  const fragment = Buffer.alloc(1024, 1);
  const frames = [
    masked(frame(0x02, fragment)),
    ...Array.from({ length: 1022 }, () => masked(frame(0x00, fragment))),
    masked(frame(0x80, fragment)),
  ];
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, { ...server, maxFragments: 1024 });
  const { mock } = context.mock.method(Buffer, "allocUnsafeSlow");
  for (const bytes of frames) reader.read(bytes, 0, bytes.length);
  const moved = mock.calls.reduce((sum, call) => sum + call.arguments[0], 0);
  assert.deepEqual(
    recorder.found.map(([kind]) => kind),
    ["binary"],
  );
  assert.ok(moved < 4 * 1_048_576, `${moved} bytes taken for 1 MiB`);
});

test("a small message in one frame is delivered where it lies", () => {
  const bytes = masked(frame(0x82, Buffer.from("where")));
  const given = slabOver(bytes);
  const slabs: Slab[] = [];
  const recorder = new Recorder();
  recorder.binary = (slab): void => void slabs.push(slab);
  new FrameReader(recorder, server).read(bytes, 0, bytes.length, given);
  assert.deepEqual(slabs, [given]);
});

test("what a receiver copies with `slice` is a copy", () => {
  const bytes = masked(frame(0x82, Buffer.from("keep")));
  const copies: Uint8Array[] = [];
  const recorder = new Recorder();
  recorder.binary = (slab, start, end): void => void copies.push(slab.bytes.slice(start, end));
  const reader = new FrameReader(recorder, server);
  reader.read(bytes, 0, bytes.length, slabOver(bytes, { mustCopy: true }));
  reader.read(masked(frame(0x02, Buffer.from("ke"))), 0, 8);
  reader.read(masked(frame(0x80, Buffer.from("ep"))), 0, 8);
  bytes.fill(0xee);
  assert.deepEqual(
    copies.map((copy) => Buffer.from(copy).toString()),
    ["keep", "keep"],
  );
});

test("a receiver that stops the reader hears nothing more", () => {
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, server);
  recorder.text = (text): void => {
    recorder.found.push(["text", text]);
    reader.stop();
  };
  const bytes = Buffer.concat(["a", "b"].map((text) => masked(frame(0x81, Buffer.from(text)))));
  reader.read(bytes, 0, bytes.length);
  assert.deepEqual(recorder.found, [["text", "a"]]);
});

test("any messages, fragmented and cut anyhow, come out as they went in", () => {
  const message = fc.record({
    isText: fc.boolean(),
    text: fc.string({ unit: "grapheme", maxLength: 300 }),
    fragments: fc.integer({ min: 1, max: 5 }),
    key: fc.integer(),
  });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat()), (messages, cuts) => {
      const frames = messages.flatMap(({ isText, text, fragments, key }) => {
        const bytes = Buffer.from(text);
        const size = Math.ceil(bytes.length / fragments);
        return Array.from({ length: fragments }, (_, at) => {
          const first = (at === fragments - 1 ? 0x80 : 0) | (at > 0 ? 0 : isText ? 1 : 2);
          return masked(frame(first, bytes.subarray(at * size, (at + 1) * size)), key);
        });
      });
      const bytes = Buffer.concat(frames);
      const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b);
      const expected = messages.map(({ isText, text }) =>
        isText
          ? ["text", Buffer.from(text).toString()]
          : ["binary", Buffer.from(text).toString("hex")],
      );
      assert.deepEqual(read(server, bytes, places), expected);
    }),
  );
});

test("random bytes never throw and fail at most once", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, cut) => {
      const found = read(server, Buffer.from(bytes), [Math.min(cut, bytes.length)]);
      assert.ok(found.filter(([kind]) => kind === "failed").length <= 1);
    }),
  );
});
