/** WebSocket frames and what a reader of them finds: data for tests of whatever reads frames. */

/** How a reader is set up: see `FrameReader` in the node room. */
export interface FrameCaseOptions {
  readonly role: "server" | "client";
  readonly maxMessageBytes: number;
  readonly maxFragments: number;
}

/** One call of a frame receiver. */
export type FoundFrame = readonly [kind: string, ...details: unknown[]];

/** As a server with small limits. */
export const serverReading: FrameCaseOptions = {
  role: "server",
  maxMessageBytes: 1_048_576,
  maxFragments: 8,
};
/** As a client with the same. */
export const clientReading: FrameCaseOptions = { ...serverReading, role: "client" };

/** Bytes of a text in hexadecimal, blanks ignored. */
export const hexBytes = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** The same frame as a client sends it. */
export function maskedFrame(unmasked: Buffer, key: number = 0x3d21fa37): Buffer {
  const short = (unmasked[1] ?? 0) & 0x7f;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const keyBytes = Buffer.alloc(4);
  keyBytes.writeInt32LE(key | 0);
  const payload = unmasked.subarray(header).map((byte, at) => byte ^ (keyBytes[at & 3] ?? 0));
  const out = Buffer.concat([unmasked.subarray(0, header), keyBytes, payload]);
  out[1] = (out[1] ?? 0) | 0x80;
  return out;
}

/** An unmasked frame with any first byte. */
export function plainFrame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  header[0] = first;
  if (header.length === 2) header[1] = length;
  else if (header.length === 4) header.writeUInt16BE(length, 2);
  else header.writeBigUInt64BE(BigInt(length), 2);
  if (header.length > 2) header[1] = header.length === 4 ? 126 : 127;
  return Buffer.concat([header, payload]);
}

/** Input, and what is found in it. */
export interface GoldenFrames {
  readonly name: string;
  readonly options: FrameCaseOptions;
  readonly bytes: Buffer;
  readonly found: readonly FoundFrame[];
}

/** Well-formed input. */
export const goldenFrames: readonly GoldenFrames[] = [
  // The examples of RFC 6455, section 5.7.
  {
    name: "an unmasked text",
    options: clientReading,
    bytes: hexBytes("81 05 48656c6c6f"),
    found: [["text", "Hello"]],
  },
  {
    name: "a masked text",
    options: serverReading,
    bytes: hexBytes("81 85 37fa213d 7f9f4d5158"),
    found: [["text", "Hello"]],
  },
  {
    name: "a text in two fragments",
    options: clientReading,
    bytes: hexBytes("01 03 48656c 80 02 6c6f"),
    found: [["text", "Hello"]],
  },
  {
    name: "an unmasked ping and a masked pong's twin",
    options: clientReading,
    bytes: hexBytes("89 05 48656c6c6f 8a 05 48656c6c6f"),
    found: [["ping", "Hello"], ["pong"]],
  },
  {
    name: "256 bytes with a length of 16 bits",
    options: clientReading,
    bytes: Buffer.concat([hexBytes("82 7e 0100"), Buffer.alloc(256, 7)]),
    found: [["binary", "07".repeat(256)]],
  },
  {
    name: "64 KiB with a length of 64 bits",
    options: clientReading,
    bytes: Buffer.concat([hexBytes("82 7f 0000000000010000"), Buffer.alloc(65_536, 7)]),
    found: [["binary", "07".repeat(65_536)]],
  },
  {
    name: "control frames between fragments",
    options: serverReading,
    bytes: Buffer.concat([
      maskedFrame(plainFrame(0x01, Buffer.from("ä".repeat(3)).subarray(0, 5))),
      maskedFrame(plainFrame(0x89, Buffer.from("p"))),
      maskedFrame(plainFrame(0x00, Buffer.from("ä".repeat(3)).subarray(5))),
      maskedFrame(plainFrame(0x8a, Buffer.alloc(0))),
      maskedFrame(plainFrame(0x80, Buffer.alloc(0))),
      maskedFrame(plainFrame(0x82, Buffer.from([1]))),
    ]),
    found: [["ping", "p"], ["pong"], ["text", "äää"], ["binary", "01"]],
  },
  {
    name: "empty messages, empty fragments and an empty close",
    options: serverReading,
    bytes: Buffer.concat([
      maskedFrame(plainFrame(0x81, Buffer.alloc(0))),
      maskedFrame(plainFrame(0x02, Buffer.alloc(0))),
      maskedFrame(plainFrame(0x80, Buffer.alloc(0))),
      maskedFrame(plainFrame(0x88, Buffer.alloc(0))),
    ]),
    found: [
      ["text", ""],
      ["binary", ""],
      ["close", 1005, ""],
    ],
  },
  {
    name: "a close with code and reason; nothing is read behind it",
    options: serverReading,
    bytes: Buffer.concat([
      maskedFrame(plainFrame(0x88, Buffer.concat([hexBytes("0fa1"), Buffer.from("bye ü")]))),
      maskedFrame(plainFrame(0x81, Buffer.from("late"))),
    ]),
    found: [["close", 4001, "bye ü"]],
  },
  {
    name: "a genuine U+FFFD in a text",
    options: serverReading,
    bytes: maskedFrame(plainFrame(0x81, Buffer.from("a\ufffdb"))),
    found: [["text", "a\ufffdb"]],
  },
];

/** Input that must fail, with the close code. */
export const malformedFrames: readonly (readonly [
  name: string,
  FrameCaseOptions,
  Buffer,
  code: number,
])[] = [
  ["the first reserved bit", serverReading, maskedFrame(plainFrame(0xc1, Buffer.from("x"))), 1002],
  ["the second reserved bit", serverReading, maskedFrame(plainFrame(0xa1, Buffer.from("x"))), 1002],
  ["the third reserved bit", serverReading, maskedFrame(plainFrame(0x91, Buffer.from("x"))), 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
    (code) =>
      [
        `opcode ${code}`,
        serverReading,
        maskedFrame(plainFrame(0x80 | code, Buffer.alloc(0))),
        1002,
      ] as const,
  ),
  ["an unmasked frame to a server", serverReading, hexBytes("81 01 61"), 1002],
  [
    "a masked frame to a client",
    clientReading,
    maskedFrame(plainFrame(0x81, Buffer.from("x"))),
    1002,
  ],
  ["a fragmented ping", serverReading, maskedFrame(plainFrame(0x09, Buffer.from("x"))), 1002],
  ["a fragmented close", serverReading, maskedFrame(plainFrame(0x08, Buffer.alloc(0))), 1002],
  ["a ping of 126 bytes", serverReading, maskedFrame(plainFrame(0x89, Buffer.alloc(126))), 1002],
  [
    "a continuation of nothing",
    serverReading,
    maskedFrame(plainFrame(0x80, Buffer.from("x"))),
    1002,
  ],
  [
    "a text inside a fragmented message",
    serverReading,
    Buffer.concat([
      maskedFrame(plainFrame(0x01, Buffer.from("x"))),
      maskedFrame(plainFrame(0x81, Buffer.from("y"))),
    ]),
    1002,
  ],
  ["a length over the limit", serverReading, hexBytes("82 ff 0000000000100001"), 1009],
  ["a length of 4 GiB", serverReading, hexBytes("82 ff 0000000100000000"), 1009],
  ["a length with the highest bit", serverReading, hexBytes("82 ff 8000000000000000"), 1002],
  [
    "fragments over the limit together",
    serverReading,
    Buffer.concat([
      maskedFrame(plainFrame(0x02, Buffer.alloc(600_000))),
      maskedFrame(plainFrame(0x80, Buffer.alloc(600_000))),
    ]),
    1009,
  ],
  [
    "too many fragments",
    serverReading,
    Buffer.concat([
      maskedFrame(plainFrame(0x02, Buffer.alloc(1))),
      ...Array.from({ length: 8 }, () => maskedFrame(plainFrame(0x00, Buffer.alloc(1)))),
    ]),
    1008,
  ],
  [
    "text that is not UTF-8",
    serverReading,
    maskedFrame(plainFrame(0x81, hexBytes("61 ff 62"))),
    1007,
  ],
  [
    "text that ends inside a character",
    serverReading,
    maskedFrame(plainFrame(0x81, hexBytes("61 c3"))),
    1007,
  ],
  ["an overlong form", serverReading, maskedFrame(plainFrame(0x81, hexBytes("c0 af"))), 1007],
  [
    "half of a surrogate pair",
    serverReading,
    maskedFrame(plainFrame(0x81, hexBytes("ed a0 80"))),
    1007,
  ],
  [
    "fragmented text that is not UTF-8 together",
    serverReading,
    Buffer.concat([
      maskedFrame(plainFrame(0x01, hexBytes("c3"))),
      maskedFrame(plainFrame(0x80, hexBytes("28"))),
    ]),
    1007,
  ],
  ["a close code of one byte", serverReading, maskedFrame(plainFrame(0x88, hexBytes("03"))), 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    return [
      `close code ${code}`,
      serverReading,
      maskedFrame(plainFrame(0x88, payload)),
      1002,
    ] as const;
  }),
  [
    "a close reason that is not UTF-8",
    serverReading,
    maskedFrame(plainFrame(0x88, hexBytes("03e8 ff"))),
    1007,
  ],
];
