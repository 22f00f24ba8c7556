import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { controlRun, fromHex, messageRun, RunLog, toHex } from "../testing/index.ts";
import { Address } from "./address.ts";
import { AddressList } from "./address-list.ts";
import { emptyHeader, type MessageHeader } from "./message-header.ts";
import { maxHopHeaderBytes } from "./sizes.ts";
import { RunHeader } from "./run-header.ts";
import { runType, severalFlag } from "./run-type.ts";
import { writeVarint } from "./varint.ts";

const body = fromHex("0000ff12d941");
const fields = {
  entry: { entry: 3, entrySequence: 300 },
  chosen: { chosen: 4 },
  more: { more: 0x08 },
  log: { logPosition: 65_536, logPrevious: 0 },
} as const;

/** Every combination of the four flags, with the bytes between `scope` and the body's length. */
const golden: [flags: readonly (keyof typeof fields)[], first: string, between: string][] = [
  [[], "00", ""],
  [["entry"], "10", "03ac02"],
  [["chosen"], "20", "04"],
  [["entry", "chosen"], "30", "03ac02 04"],
  [["log"], "40", "80800400"],
  [["entry", "log"], "50", "03ac02 80800400"],
  [["chosen", "log"], "60", "04 80800400"],
  [["entry", "chosen", "log"], "70", "03ac02 04 80800400"],
  [["more"], "80", "08"],
  [["entry", "more"], "90", "03ac02 08"],
  [["chosen", "more"], "a0", "04 08"],
  [["entry", "chosen", "more"], "b0", "03ac02 04 08"],
  [["log", "more"], "c0", "08 80800400"],
  [["entry", "log", "more"], "d0", "03ac02 08 80800400"],
  [["chosen", "log", "more"], "e0", "04 08 80800400"],
  [["entry", "chosen", "log", "more"], "f0", "03ac02 04 08 80800400"],
];

for (const [flags, first, between] of golden) {
  test(`the hop header of a message with ${flags.join(", ") || "no flag"} [WIRE-4.1]`, () => {
    const header = Object.assign(
      { destination: 5, source: 200, scope: 0xef },
      ...flags.map((flag) => fields[flag]),
    );
    const bytes = messageRun(header, body);
    assert.equal(toHex(bytes), toHex(fromHex(first, "05 c801 ef", between, "06", toHex(body))));
    const read = new RunHeader();
    assert.equal(read.read(bytes, 0, bytes.length), bytes.length);
    assert.deepEqual(pick(read), { ...pick(new RunHeader()), ...header });
    assert.equal(read.bodyStart, bytes.length - body.length);
    assert.equal(read.bodyEnd, bytes.length);
  });
}

function pick(header: MessageHeader): MessageHeader {
  const {
    destination,
    source,
    scope,
    entry,
    entrySequence,
    chosen,
    more,
    logPosition,
    logPrevious,
  } = header;
  return {
    destination,
    source,
    scope,
    entry,
    entrySequence,
    chosen,
    more,
    logPosition,
    logPrevious,
  };
}

test("any hop header comes back, takes at most 64 bytes, and leaves nothing to the next", () => {
  const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
  const headers = fc.record({
    destination: number,
    source: number,
    scope: fc.nat(255),
    entry: fc.oneof(fc.constant(0), number),
    entrySequence: number,
    chosen: fc.oneof(fc.constant(0), number),
    more: fc.nat(255),
    logPosition: fc.oneof(fc.constant(0), number),
    logPrevious: number,
  });
  const read = new RunHeader();
  fc.assert(
    fc.property(headers, (header) => {
      const bytes = messageRun(header, body);
      assert.ok(bytes.length - body.length <= maxHopHeaderBytes);
      assert.equal(read.read(bytes, 0, bytes.length), bytes.length);
      const { entry, logPosition } = header;
      const sent = {
        ...header,
        entrySequence: entry === 0 ? 0 : header.entrySequence,
        logPrevious: logPosition === 0 ? 0 : header.logPrevious,
        // It says that a list follows; there is none.
        more: header.more & ~severalFlag,
      };
      assert.deepEqual(pick(read), sent);
    }),
  );
});

/** A list of addresses with these numbers. */
function listOf(numbers: readonly number[]): AddressList {
  const list = new AddressList();
  for (const number of numbers) list.add(new Address(number, "topic", `t/${number}`));
  return list;
}

test("the hop header of a run for several addresses [WIRE-4.5]", () => {
  const header = { ...emptyHeader, scope: 0x6f, list: listOf([5, 200, 65_535]) };
  const bytes = messageRun(header, body);
  assert.equal(toHex(bytes), toHex(fromHex("80 00 00 6f 20 03 0500 c800 ffff 06", toHex(body))));
  const read = new RunHeader();
  assert.equal(read.read(bytes, 0, bytes.length), bytes.length);
  assert.equal(read.listed, 3);
  assert.deepEqual(
    [0, 1, 2].map((index) => read.listedNumber(index)),
    [5, 200, 65_535],
  );
});

test("with and without a list, whatever else the header says, its numbers and the body are found", () => {
  const read = new RunHeader();
  const numbers = fc.array(fc.integer({ min: 1, max: 65_535 }), { maxLength: 300 });
  const header = fc.record({ more: fc.nat(255), entry: fc.nat(300), logPosition: fc.nat(300) });
  fc.assert(
    fc.property(header, numbers, (given, listed) => {
      const list = listed.length === 0 ? undefined : listOf(listed);
      const bytes = messageRun({ ...emptyHeader, ...given, list }, body);
      assert.equal(read.read(bytes, 0, bytes.length), bytes.length);
      assert.deepEqual([read.bodyStart, read.bodyEnd], [bytes.length - body.length, bytes.length]);
      assert.deepEqual(
        listed.map((_, index) => read.listedNumber(index)),
        listed,
      );
      assert.equal(read.more & severalFlag, list === undefined ? 0 : severalFlag);
    }),
  );
});

test("a list of more than 16,383 addresses, or one that is cut off, is refused", () => {
  const bytes = messageRun({ ...emptyHeader, list: listOf(Array(16_383).fill(7)) }, body);
  const read = new RunHeader();
  assert.equal(read.read(bytes, 0, bytes.length), bytes.length);
  const tooMany = messageRun({ ...emptyHeader, list: listOf(Array(16_384).fill(7)) }, body);
  assert.throws(() => read.read(tooMany, 0, tooMany.length), { code: "bad-frame" });
  for (const end of [6, 7, 100, bytes.length - 7])
    assert.throws(() => read.read(bytes.slice(0, end), 0, end), { code: "bad-frame" });
});

test("a hop header that is cut off anywhere is refused, also where memory goes on behind it", () => {
  const bytes = messageRun(
    { destination: 300, ...fields.entry, ...fields.chosen, ...fields.more, ...fields.log },
    body,
  );
  const header = new RunHeader();
  for (let end = 1; end < bytes.length; end++) {
    for (const memory of [bytes, bytes.slice(0, end)]) {
      assert.throws(
        () => header.read(memory, 0, end),
        (error) => error instanceof OmnibusError && error.code === "bad-frame",
        `${end}`,
      );
    }
  }
});

test("numbers of more than 53 bits in a hop header are refused", () => {
  for (const hex of ["ffffffffffffff10", "ffffffffffffffff01"]) {
    const bytes = fromHex("00", hex, "00 70 00");
    assert.throws(() => new RunHeader().read(bytes, 0, bytes.length), /\[bad-frame\].*53 bits/);
  }
  const most = fromHex("00 ffffffffffffff0f 00 70 00");
  const header = new RunHeader();
  header.read(most, 0, most.length);
  assert.equal(header.destination, Number.MAX_SAFE_INTEGER);
});

test("runs of any other type: type, flags, length, content [WIRE-3.2]", () => {
  const header = new RunHeader();
  for (let type = 1; type < 16; type++) {
    for (const flags of [0, 0x80]) {
      const bytes = controlRun(type | flags, fromHex("010203"));
      assert.equal(toHex(bytes), `${(type | flags).toString(16).padStart(2, "0")}03010203`);
      assert.equal(header.read(bytes, 0, bytes.length), bytes.length);
      assert.deepEqual(
        [header.type, header.flags, header.bodyStart, header.bodyEnd],
        [type, flags, 2, 5],
      );
    }
  }
  assert.equal(runType.refusal, 14);
});

test("a body cannot claim more messages than fit into it, so drops are not counted too high", () => {
  const header = new RunHeader();
  const claims = (hex: string): number => {
    const bytes = messageRun({ destination: 1 }, fromHex(hex));
    header.read(bytes, 0, bytes.length);
    return header.messages;
  };
  assert.equal(claims("00 02 0000 0000 ff12d941"), 2);
  assert.equal(claims("00 8200 0000 0000 ff12d941"), 2);
  assert.equal(claims("00 ffffff7f ff12d941"), 4);
  assert.equal(claims("00 ffffffffff7f ff12d941"), 1);
  assert.equal(claims("00 80"), 1);
  assert.equal(claims(""), 1);
});

test("a length of 4 bytes, longer than need be, is read as any other", () => {
  const log = new RunLog({ hasHash: false });
  log.readAll(fromHex("00 0e 00 05 00 70 86808000 0000ff12d941"));
  assert.deepEqual(log.lines, [`message destination=5 scope=112 0000ff12d941`]);
  const bytes = new Uint8Array(9);
  assert.equal(writeVarint(bytes, 0, 6), 1);
});
