/** Frames, hop headers and bodies of the native protocol. */
import fc from "fast-check";
import { Slab } from "../../../packages/omnibus/src/base/index.ts";
import {
  bodyBytes,
  controlRun,
  messageRun,
  frameBytes,
  type PlainBody,
  RunLog,
  toHex,
} from "../../../packages/omnibus/src/testing/index.ts";
import {
  BodyReader,
  producerOf,
  ContentReader,
  recordAcknowledgedFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordFormatMask,
  recordHeadersFlag,
  recordIdFlag,
  RunHeader,
  runType,
  varintLength,
  writeVarint,
} from "../../../packages/omnibus/src/wire/index.ts";
import { type DecoderCase, golden, hexes, type Reading, show, within } from "./decoder-case.ts";

const bytesUpTo = (maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ maxLength, size: "max" });
const number53 = fc.oneof(fc.nat(300), fc.maxSafeNat());
const optional = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(of, { nil: undefined });

const record = fc.record({
  format: fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
  payload: fc.oneof(bytesUpTo(40), bytesUpTo(600)),
  id: optional(bytesUpTo(10)),
  timeMs: optional(number53),
  correlation: optional(number53),
  deadlineMs: optional(number53),
  headers: optional(bytesUpTo(10)),
  isAcknowledged: fc.boolean(),
});
const body: fc.Arbitrary<PlainBody> = fc.record({
  timeMs: optional(number53),
  producer: optional(
    fc.record({
      id: fc.uint8Array({ minLength: 16, maxLength: 16 }),
      incarnation: number53,
      runNumber: number53,
    }),
  ),
  records: fc.array(record, { maxLength: 6 }),
});

/** A body as the reader of bodies sees it. */
function readBody(bytes: Uint8Array, start: number, end: number): unknown {
  const reader = new BodyReader();
  reader.open(bytes, start, end);
  const producer = producerOf(reader);
  const { timeMs } = reader;
  const records: unknown[] = [];
  while (reader.next()) {
    const { recordFlags: flags } = reader;
    records.push({
      format: flags & recordFormatMask,
      payload: bytes.slice(reader.payloadStart, reader.payloadEnd),
      ...(flags & recordIdFlag && { id: bytes.slice(reader.idStart, reader.idEnd) }),
      timeMs: reader.recordTimeMs,
      ...(flags & recordCorrelationFlag && { correlation: reader.correlation }),
      ...(flags & recordDeadlineFlag && { deadlineMs: reader.deadlineMs }),
      ...(flags & recordHeadersFlag && {
        headers: bytes.slice(reader.headersStart, reader.headersEnd),
      }),
      ...(flags & recordAcknowledgedFlag && { isAcknowledged: true }),
    });
  }
  return { ...(producer && { producer }), timeMs, records };
}

/** What `readBody` should see. */
function expectedBody({ producer, timeMs = 0, records }: PlainBody): string {
  const seen = records.map((one) => ({
    format: one.format,
    payload: one.payload,
    ...(one.id && { id: one.id }),
    timeMs: one.timeMs ?? timeMs,
    ...(one.correlation !== undefined && { correlation: one.correlation }),
    ...(one.deadlineMs !== undefined && { deadlineMs: one.deadlineMs }),
    ...(one.headers && { headers: one.headers }),
    ...(one.isAcknowledged === true && { isAcknowledged: true }),
  }));
  return show({ ...(producer && { producer }), timeMs, records: seen });
}

const controlTypes = Object.entries(runType).filter(([name]) => name !== "message");

const header = fc.record({
  destination: number53,
  source: fc.nat(65_535),
  scope: fc.nat(255),
  entry: fc.nat(65_535),
  entrySequence: number53,
  chosen: fc.nat(65_535),
  // Without 0x20: that says that a list follows.
  more: fc.nat(255).map((bits) => bits & 0xdf),
});
/** A run, and the line that `RunLog` writes of it. */
const run = fc.oneof(
  fc.tuple(header, body).map(([head, of]) => {
    const content = bodyBytes(of);
    // The entry's sequence travels only with an entry.
    const whole = head.entry === 0 ? { ...head, entrySequence: 0 } : head;
    const bytes = messageRun(whole, content);
    const fields = Object.entries(whole).filter(([, value]) => value !== 0);
    const told = fields.map(([name, value]) => `${name}=${value}`).join(" ");
    const line = `message ${told} ${toHex(content)}`;
    return { bytes, hopBytes: bytes.length - content.length, line };
  }),
  fc.tuple(fc.constantFrom(...controlTypes), bytesUpTo(30)).map(([[name, type], content]) => {
    const bytes = controlRun(type, content);
    return { bytes, hopBytes: bytes.length, line: `${name}/0 ${toHex(content)}` };
  }),
);
const frame = fc.array(run, { maxLength: 5 }).map((runs) => ({
  bytes: frameBytes({ runs }),
  text: `${runs.map(({ line }) => line).join("; ")} | `,
}));

/** Reads a stream as a link does: what was not used is kept, and more added. */
function readFrames(pieces: readonly Uint8Array[]): Reading {
  const log = new RunLog();
  let rest = new Uint8Array(0);
  for (const piece of pieces) {
    const all = new Uint8Array(rest.length + piece.length);
    all.set(rest);
    all.set(piece, rest.length);
    rest = all.slice(log.reader.read(new Slab(all), 0, all.length));
  }
  return { text: `${log.lines.join("; ")} | ${toHex(rest)}` };
}

/** The header of one run, read on its own. */
function readHeader(bytes: Uint8Array, start: number, end: number): unknown {
  if (start === end) return "nothing";
  const reader = new RunHeader();
  const next = reader.read(bytes, start, end);
  const { type, flags, destination, source, scope, entry, chosen, more } = reader;
  const content = bytes.slice(reader.bodyStart, reader.bodyEnd);
  const isWhole = next === reader.bodyEnd && next <= end;
  return [type, flags, destination, source, scope, entry, chosen, more, content, isWhole];
}

export const frameDecoders: readonly DecoderCase[] = [
  {
    name: "varint",
    read: within((bytes, start, end) => {
      const reader = new ContentReader(bytes, start, end, "a number");
      const value = reader.varint();
      reader.close();
      return value;
    }),
    codes: ["bad-run"],
    golden: golden(
      ["00", "0"],
      ["7f", "127"],
      ["8001", "128"],
      ["ac02", "300"],
      ["ac8200", "300"],
      ["ffffffffffffff0f", "9007199254740991"],
    ),
    malformed: hexes(
      "",
      "80",
      "ffffffffffffff1f",
      "808080808080808000",
      "ffffffffffffffffff01",
      "0000",
    ),
    written: number53.map((value) => {
      const bytes = new Uint8Array(varintLength(value));
      writeVarint(bytes, 0, value);
      return { bytes, text: String(value) };
    }),
  },
  {
    name: "frame",
    read: (bytes) => readFrames([bytes]),
    readPieces: readFrames,
    codes: ["bad-version", "bad-frame", "too-big"],
    golden: golden(
      [
        "00 13  00 05 00 70 0a  00 01 01 02 6869 4b03d0ae  592ab72f",
        "message destination=5 scope=112 0001010268694b03d0ae | ",
      ],
      ["00 07 07 01 01 fcb31853", "ping/0 01 | "],
      ["00", " | 00"],
      ["", " | "],
    ),
    malformed: hexes(
      "01",
      "ff",
      "00 00",
      "00 03 070101",
      "00 07 07 01 01 fcb31854",
      "00 ff ff ff 7f",
      "00 ff ff ff ff ff ff ff",
      "00 06 07 05 fcb31853",
    ),
    written: frame,
  },
  {
    name: "run header",
    read: within(readHeader),
    codes: ["bad-frame"],
    golden: golden(
      ["00 05 00 70 01 ff", "[0,0,5,0,112,0,0,0,bytes ff,true]"],
      ["07 01 01", "[7,0,0,0,0,0,0,0,bytes 01,true]"],
      ["b0 05 00 70 01 02 03 04 00", "[0,176,5,0,112,1,3,4,bytes ,true]"],
    ),
    malformed: hexes(
      "00",
      "00 05",
      "00 05 00",
      "00 05 00 70",
      "00 05 00 70 05 ff",
      "07",
      "07 02 01",
      "07 ffffffffffffff7f",
      "10 01 00 70 01",
      "80 00 00 70 20",
      "80 00 00 70 20 ffff7f",
      "80 00 00 70 20 03 0500c8",
    ),
    written: fc.tuple(header, bytesUpTo(20)).map(([head, content]) => {
      const whole = { ...head, entrySequence: head.entry === 0 ? 0 : head.entrySequence };
      const bytes = messageRun(whole, content);
      const flags = (head.entry && 0x10) | (head.chosen && 0x20) | (head.more && 0x80);
      const { destination, source, scope, entry, chosen, more } = head;
      return {
        bytes,
        text: show([0, flags, destination, source, scope, entry, chosen, more, content, true]),
      };
    }),
  },
  {
    name: "body",
    read: within(readBody),
    codes: ["bad-run"],
    golden: golden(
      ["00 00 ff12d941", '{"timeMs":0,"records":[]}'],
      [
        "00 01 01 02 6869 4b03d0ae",
        '{"timeMs":0,"records":[{"format":1,"payload":bytes 6869,"timeMs":0}]}',
      ],
      [
        "00 01 04 02 6d31 01 00 9354fad7",
        '{"timeMs":0,"records":[{"format":0,"payload":bytes 00,"id":bytes 6d31,"timeMs":0}]}',
      ],
    ),
    malformed: hexes(
      "",
      "00",
      "00 00 00",
      "04 00 ff12d941",
      "00 01 ff12d941",
      "00 02 01 02 6869 4b03d0ae",
      "00 01 01 09 6869 4b03d0ae",
      "00 00 00 ff12d941",
      "01 01 00 4b03d0ae",
      "00 ffffffffffffff0f 0000 4b03d0ae",
    ),
    written: body.map((of) => ({ bytes: bodyBytes(of), text: expectedBody(of) })),
  },
];
