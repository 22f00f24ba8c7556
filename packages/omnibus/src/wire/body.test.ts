import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crc32Short, OmnibusError } from "../base/index.ts";
import {
  bodyBytes,
  fromHex,
  type PlainBody,
  type PlainRecord,
  toHex,
  utf8,
} from "../testing/index.ts";
import { BodyReader } from "./body.ts";
import { isBodyIntact } from "./frame.ts";
import { producerOf } from "./producer.ts";
import {
  recordAcknowledgedFlag,
  recordCorrelationFlag,
  recordDeadlineFlag,
  recordFormatMask,
  recordHeadersFlag,
  recordIdFlag,
  recordTimeFlag,
} from "./record-flags.ts";

const t = 1_735_689_600_000;
const id = utf8("m1");
const headers = fromHex("a0");

const golden: [what: string, body: PlainBody, hex: string][] = [
  ["no record", { records: [] }, "00 00 ff12d941"],
  ["text", { records: [{ payload: utf8("hi"), format: 1 }] }, "00 01 01 02 6869 4b03d0ae"],
  [
    "a time",
    { timeMs: t, records: [{ payload: utf8("hi"), format: 1 }] },
    "02 01 80f8a5f9c132 01 02 6869 fed427ad",
  ],
  ["an id", { records: [{ payload: fromHex("00"), id }] }, "00 01 04 02 6d31 01 00 9354fad7"],
  [
    "a record's own time",
    { timeMs: t, records: [{ payload: fromHex(""), timeMs: t - 1 }] },
    "02 01 80f8a5f9c132 08 fff7a5f9c132 00 015e9fe3",
  ],
  [
    "a correlation",
    { records: [{ payload: fromHex("01"), format: 3, correlation: 300 }] },
    "00 01 13 ac02 01 01 8d92551b",
  ],
  [
    "a deadline",
    { records: [{ payload: fromHex("01"), format: 3, deadlineMs: 5000 }] },
    "00 01 23 8827 01 01 6996a2ab",
  ],
  [
    "headers",
    { records: [{ payload: fromHex("01"), format: 3, headers }] },
    "00 01 43 01 a0 01 01 9015bb46",
  ],
  [
    "qos 1",
    { records: [{ payload: utf8("{}"), format: 2, isAcknowledged: true }] },
    "00 01 82 02 7b7d 718f092a",
  ],
  [
    "a producer",
    {
      producer: { id: fromHex("000102030405060708090a0b0c0d0e0f"), incarnation: 2, runNumber: 300 },
      timeMs: t,
      records: [{ payload: utf8("hi"), format: 1 }],
    },
    "03 01 000102030405060708090a0b0c0d0e0f 02 ac02 80f8a5f9c132 01 02 6869 db018437",
  ],
  [
    "all fields, and a record without any",
    {
      timeMs: t,
      records: [
        {
          payload: utf8("{}"),
          format: 2,
          id,
          timeMs: t,
          correlation: 1,
          deadlineMs: 2,
          headers,
          isAcknowledged: true,
        },
        { payload: utf8("x") },
      ],
    },
    "02 02 80f8a5f9c132 fe 02 6d31 80f8a5f9c132 01 02 01 a0 02 7b7d 00 01 78 024decba",
  ],
];

/** The body as the reader sees it. */
function read(bytes: Uint8Array): PlainBody & { fields: unknown[] } {
  const reader = new BodyReader();
  reader.open(bytes, 0, bytes.length);
  const records: PlainRecord[] = [];
  const fields: unknown[] = [];
  while (reader.next()) {
    const { recordFlags, recordTimeMs, correlation, deadlineMs } = reader;
    const has = (flag: number): boolean => (recordFlags & flag) !== 0;
    records.push({
      format: (recordFlags & recordFormatMask) as 0 | 1 | 2 | 3,
      payload: bytes.slice(reader.payloadStart, reader.payloadEnd),
      ...(has(recordIdFlag) ? { id: bytes.slice(reader.idStart, reader.idEnd) } : {}),
      ...(has(recordTimeFlag) ? { timeMs: recordTimeMs } : {}),
      ...(has(recordCorrelationFlag) ? { correlation } : {}),
      ...(has(recordDeadlineFlag) ? { deadlineMs } : {}),
      ...(has(recordHeadersFlag)
        ? { headers: bytes.slice(reader.headersStart, reader.headersEnd) }
        : {}),
      isAcknowledged: has(recordAcknowledgedFlag),
    });
    fields.push([recordTimeMs, correlation, deadlineMs]);
  }
  assert.equal(reader.count, records.length);
  const producer = producerOf(reader);
  const about = reader.timeMs === 0 ? {} : { timeMs: reader.timeMs };
  return {
    ...about,
    ...(producer === undefined ? {} : { producer }),
    records,
    fields,
  };
}

const full = (body: PlainBody): PlainBody => ({
  ...body,
  records: body.records.map((record) => ({ format: 0, isAcknowledged: false, ...record })),
});

for (const [what, body, hex] of golden) {
  test(`the bytes of a body with ${what} [WIRE-5.1] [WIRE-6.1] [WIRE-6.2]`, () => {
    const bytes = fromHex(hex);
    assert.equal(toHex(bodyBytes(body)), toHex(bytes));
    assert.ok(isBodyIntact(bytes, 0, bytes.length));
    const { fields: _fields, ...seen } = read(bytes);
    assert.deepEqual(seen, full(body));
  });
}

test("a record without fields showed the correlation and deadline of the one before", () => {
  const { fields } = read(
    bodyBytes({
      timeMs: 7,
      records: [
        { payload: utf8("a"), correlation: 1, deadlineMs: 2, timeMs: 3 },
        { payload: utf8("b") },
        { payload: utf8("c") },
      ],
    }),
  );
  assert.deepEqual(fields, [
    [3, 1, 2],
    [7, 0, 0],
    [7, 0, 0],
  ]);
});

test("one reader for many bodies keeps nothing of the one before", () => {
  const reader = new BodyReader();
  for (const hex of [golden[9]?.[2] ?? "", golden[10]?.[2] ?? "", "00 01 01 02 6869 4b03d0ae"]) {
    const bytes = fromHex(hex);
    reader.open(bytes, 0, bytes.length);
    assert.ok(reader.next());
  }
  assert.deepEqual(
    [producerOf(reader), reader.timeMs, reader.correlation, reader.deadlineMs],
    [undefined, 0, 0, 0],
  );
});

test("any body comes back", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const number = fc.maxSafeNat();
  const records = fc.array(
    fc.record(
      {
        payload: fc.oneof(bytes, fc.uint8Array({ minLength: 200, maxLength: 300 })),
        format: fc.constantFrom(0, 1, 2, 3),
        id: bytes,
        timeMs: number,
        correlation: number,
        deadlineMs: number,
        headers: bytes,
        isAcknowledged: fc.boolean(),
      },
      { requiredKeys: ["payload"], noNullPrototype: true },
    ),
    { maxLength: 20 },
  );
  const producer = fc.record(
    { id: fc.uint8Array({ minLength: 16, maxLength: 16 }), incarnation: number, runNumber: number },
    { noNullPrototype: true },
  );
  const bodies = fc.record(
    { records, timeMs: fc.integer({ min: 1, max: t }), producer },
    { requiredKeys: ["records"], noNullPrototype: true },
  );
  fc.assert(
    fc.property(bodies, (body) => {
      const whole = bodyBytes(body);
      assert.ok(isBodyIntact(whole, 0, whole.length));
      const { fields: _fields, ...seen } = read(whole);
      assert.deepEqual(seen, full(body));
    }),
  );
});

function isBadRun(error: unknown): boolean {
  return error instanceof OmnibusError && error.code === "bad-run";
}

/** What is before a CRC, with the right CRC behind it. */
function sealed(hex: string): Uint8Array {
  const content = fromHex(hex);
  const bytes = new Uint8Array(content.length + 4);
  bytes.set(content);
  new DataView(bytes.buffer).setUint32(
    content.length,
    crc32Short(content, 0, content.length, 0),
    true,
  );
  return bytes;
}

const malformed: [what: string, hex: string][] = [
  ["nothing at all", ""],
  ["no count", "00"],
  ["a count that is cut off", "0080"],
  ["a count of more than 53 bits", "00ffffffffffffff10"],
  ["fewer records than it says", "00020000"],
  ["bytes behind its last record", "0001000000"],
  ["a producer id that is cut off", "0100000102"],
  ["a producer without a run number", "0101000102030405060708090a0b0c0d0e0f02"],
  ["a time that is cut off", "020080"],
  ["a payload that reaches beyond it", "0001000100".slice(0, 8)],
  ["a payload of 2^53 - 1 bytes", "000100ffffffffffffff0f"],
  ["an id that reaches beyond it", "000104056d3100"],
  ["headers that reach beyond it", "0001407f00"],
  ["unknown flags, whose fields would be taken for records", "0401000100"],
];

for (const [what, hex] of malformed) {
  test(`a body with ${what} is refused, although its CRC is right [WIRE-5.2]`, () => {
    const bytes = sealed(hex);
    assert.ok(isBodyIntact(bytes, 0, bytes.length));
    assert.throws(() => read(bytes), isBadRun);
  });
}

test("a body that is cut off anywhere, or random bytes, is refused or read, and nothing else", () => {
  const bytes = fromHex(golden[10]?.[2] ?? "");
  for (let end = 0; end < bytes.length - 4; end++) {
    assert.throws(() => read(sealed(toHex(bytes.subarray(0, end)))), isBadRun, `${end}`);
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (random) => {
      try {
        read(sealed(toHex(random)));
      } catch (error) {
        assert.ok(isBadRun(error), String(error));
      }
    }),
    { numRuns: 2000 },
  );
});

test("every change of one byte of a body is found by its CRC; less than a CRC is no body [WIRE-5.4]", () => {
  const bytes = bodyBytes({
    timeMs: t,
    records: [{ payload: utf8("a payload of some length, over forty-eight bytes") }],
  });
  assert.ok(bytes.length > 48);
  for (let at = 0; at < bytes.length; at++) {
    for (const bit of [1, 2, 4, 8, 16, 32, 64, 128]) {
      const damaged = bytes.slice();
      damaged[at] = (damaged[at] ?? 0) ^ bit;
      assert.ok(!isBodyIntact(damaged, 0, damaged.length));
    }
  }
  assert.ok(!isBodyIntact(bytes, 0, 3));
  assert.ok(!isBodyIntact(bytes, 5, 5));
});
