import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Slab } from "../../base/index.ts";
import { FrameReader, type FrameReaderOptions, type FrameReceiver } from "./frame-reader.ts";
import { encodeFrame } from "./frame-writer.ts";
import { applyMask } from "./mask.ts";

type Found = readonly [kind: string, ...details: unknown[]];

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

const server: FrameReaderOptions = { role: "server", maxMessageBytes: 1_048_576, maxFragments: 8 };
const client: FrameReaderOptions = { ...server, role: "client" };

/** What a reader finds in `bytes` that come in pieces cut at `cuts`. */
function read(options: FrameReaderOptions, bytes: Buffer, cuts: readonly number[] = []): Found[] {
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, options);
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    const piece = Buffer.from(bytes.subarray(start, end));
    reader.read(new Slab(piece), 0, piece.length);
    piece.fill(0xee); // Nothing may be kept of a chunk.
    start = end;
  }
  return recorder.found;
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

function masked(frame: Buffer, key = 0x3d21fa37): Buffer {
  const short = (frame[1] ?? 0) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const out = Buffer.alloc(frame.length + 4);
  frame.copy(out, 0, 0, header);
  out[1] = (out[1] ?? 0) | 0x80;
  out.writeInt32LE(key | 0, header);
  frame.copy(out, header + 4, header);
  applyMask(out, header + 4, out.length, key | 0);
  return out;
}

/** A frame with any first byte. */
function frame(first: number, payload: Buffer): Buffer {
  const whole = encodeFrame(first & 0x0f, payload);
  whole[0] = first;
  return whole;
}

interface Golden {
  readonly name: string;
  readonly options: FrameReaderOptions;
  readonly bytes: Buffer;
  readonly found: readonly Found[];
}

const golden: readonly Golden[] = [
  // The examples of RFC 6455, section 5.7.
  {
    name: "an unmasked text",
    options: client,
    bytes: hex("81 05 48656c6c6f"),
    found: [["text", "Hello"]],
  },
  {
    name: "a masked text",
    options: server,
    bytes: hex("81 85 37fa213d 7f9f4d5158"),
    found: [["text", "Hello"]],
  },
  {
    name: "a text in two fragments",
    options: client,
    bytes: hex("01 03 48656c 80 02 6c6f"),
    found: [["text", "Hello"]],
  },
  {
    name: "an unmasked ping and a masked pong's twin",
    options: client,
    bytes: hex("89 05 48656c6c6f 8a 05 48656c6c6f"),
    found: [["ping", "Hello"], ["pong"]],
  },
  {
    name: "256 bytes with a length of 16 bits",
    options: client,
    bytes: Buffer.concat([hex("82 7e 0100"), Buffer.alloc(256, 7)]),
    found: [["binary", "07".repeat(256)]],
  },
  {
    name: "64 KiB with a length of 64 bits",
    options: client,
    bytes: Buffer.concat([hex("82 7f 0000000000010000"), Buffer.alloc(65_536, 7)]),
    found: [["binary", "07".repeat(65_536)]],
  },
  {
    name: "control frames between fragments",
    options: server,
    bytes: Buffer.concat([
      masked(frame(0x01, Buffer.from("ä".repeat(3)).subarray(0, 5))),
      masked(frame(0x89, Buffer.from("p"))),
      masked(frame(0x00, Buffer.from("ä".repeat(3)).subarray(5))),
      masked(frame(0x8a, Buffer.alloc(0))),
      masked(frame(0x80, Buffer.alloc(0))),
      masked(frame(0x82, Buffer.from([1]))),
    ]),
    found: [["ping", "p"], ["pong"], ["text", "äää"], ["binary", "01"]],
  },
  {
    name: "empty messages, empty fragments and an empty close",
    options: server,
    bytes: Buffer.concat([
      masked(frame(0x81, Buffer.alloc(0))),
      masked(frame(0x02, Buffer.alloc(0))),
      masked(frame(0x80, Buffer.alloc(0))),
      masked(frame(0x88, Buffer.alloc(0))),
    ]),
    found: [
      ["text", ""],
      ["binary", ""],
      ["close", 1005, ""],
    ],
  },
  {
    name: "a close with code and reason; nothing is read behind it",
    options: server,
    bytes: Buffer.concat([
      masked(frame(0x88, Buffer.concat([hex("0fa1"), Buffer.from("bye ü")]))),
      masked(frame(0x81, Buffer.from("late"))),
    ]),
    found: [["close", 4001, "bye ü"]],
  },
  {
    name: "a genuine U+FFFD in a text",
    options: server,
    bytes: masked(frame(0x81, Buffer.from("a\ufffdb"))),
    found: [["text", "a\ufffdb"]],
  },
];

describe("golden frames", () => {
  for (const { name, options, bytes, found } of golden) {
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

const malformed: readonly (readonly [name: string, FrameReaderOptions, Buffer, code: number])[] = [
  ["the first reserved bit", server, masked(frame(0xc1, Buffer.from("x"))), 1002],
  ["the second reserved bit", server, masked(frame(0xa1, Buffer.from("x"))), 1002],
  ["the third reserved bit", server, masked(frame(0x91, Buffer.from("x"))), 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (code) =>
      [`opcode ${code}`, server, masked(frame(0x80 | code, Buffer.alloc(0))), 1002] as const,
  ),
  ["an unmasked frame to a server", server, hex("81 01 61"), 1002],
  ["a masked frame to a client", client, masked(frame(0x81, Buffer.from("x"))), 1002],
  ["a fragmented ping", server, masked(frame(0x09, Buffer.from("x"))), 1002],
  ["a fragmented close", server, masked(frame(0x08, Buffer.alloc(0))), 1002],
  ["a ping of 126 bytes", server, masked(frame(0x89, Buffer.alloc(126))), 1002],
  ["a continuation of nothing", server, masked(frame(0x80, Buffer.from("x"))), 1002],
  [
    "a text inside a fragmented message",
    server,
    Buffer.concat([masked(frame(0x01, Buffer.from("x"))), masked(frame(0x81, Buffer.from("y")))]),
    1002,
  ],
  ["a length over the limit", server, hex("82 ff 0000000000100001"), 1009],
  ["a length of 4 GiB", server, hex("82 ff 0000000100000000"), 1009],
  ["a length with the highest bit", server, hex("82 ff 8000000000000000"), 1002],
  [
    "fragments over the limit together",
    server,
    Buffer.concat([
      masked(frame(0x02, Buffer.alloc(600_000))),
      masked(frame(0x80, Buffer.alloc(600_000))),
    ]),
    1009,
  ],
  [
    "too many fragments",
    server,
    Buffer.concat([
      masked(frame(0x02, Buffer.alloc(1))),
      ...Array.from({ length: 8 }, () => masked(frame(0x00, Buffer.alloc(1)))),
    ]),
    1008,
  ],
  ["text that is not UTF-8", server, masked(frame(0x81, hex("61 ff 62"))), 1007],
  ["text that ends inside a character", server, masked(frame(0x81, hex("61 c3"))), 1007],
  ["an overlong form", server, masked(frame(0x81, hex("c0 af"))), 1007],
  ["half of a surrogate pair", server, masked(frame(0x81, hex("ed a0 80"))), 1007],
  [
    "fragmented text that is not UTF-8 together",
    server,
    Buffer.concat([masked(frame(0x01, hex("c3"))), masked(frame(0x80, hex("28")))]),
    1007,
  ],
  ["a close code of one byte", server, masked(frame(0x88, hex("03"))), 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return [`close code ${code}`, server, masked(frame(0x88, payload)), 1002] as const;
  }),
  ["a close reason that is not UTF-8", server, masked(frame(0x88, hex("03e8 ff"))), 1007],
];

describe("malformed frames fail with their close code, and nothing behind them is read", () => {
  const after = masked(frame(0x81, Buffer.from("after")));
  for (const [name, options, bytes, code] of malformed) {
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
    reader.read(new Slab(bytes), 0, bytes.length);
    return reader;
  });
  const taken = process.memoryUsage().arrayBuffers - before;
  assert.ok(taken < 200 * 16_384, `${taken} bytes for ${readers.length} claims`);
});

test("a small message in one frame is delivered where it lies", () => {
  const bytes = masked(frame(0x82, Buffer.from("where")));
  const given = new Slab(bytes);
  const slabs: Slab[] = [];
  const recorder = new Recorder();
  recorder.binary = (slab): void => void slabs.push(slab);
  new FrameReader(recorder, server).read(given, 0, bytes.length);
  assert.deepEqual(slabs, [given]);
});

test("a receiver that stops the reader hears nothing more", () => {
  const recorder = new Recorder();
  const reader = new FrameReader(recorder, server);
  recorder.text = (text): void => {
    recorder.found.push(["text", text]);
    reader.stop();
  };
  const bytes = Buffer.concat(["a", "b"].map((text) => masked(frame(0x81, Buffer.from(text)))));
  reader.read(new Slab(bytes), 0, bytes.length);
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
