/** What runs that are no messages hold. */
import fc from "fast-check";
import { OmnibusError, realms } from "../../../packages/omnibus/src/base/index.ts";
import {
  decodeCredit,
  decodeGap,
  encodeCredit,
  encodeGap,
} from "../../../packages/omnibus/src/session/flow-runs.ts";
import {
  decodeAuth,
  decodeBye,
  decodeHello,
  decodeInterest,
  decodeRefusal,
  decodeWelcome,
  encodeAuth,
  encodeBye,
  encodeHello,
  encodeInterest,
  encodeRefusal,
  encodeWelcome,
} from "../../../packages/omnibus/src/session/handshake.ts";
import { joinBytes, utf8, varints } from "../../../packages/omnibus/src/testing/index.ts";
import { readAliasRun } from "../../../packages/omnibus/src/wire/index.ts";
import { type DecoderCase, golden, hexes, show, within } from "./decoder-case.ts";

const segment = fc.stringMatching(/^[a-z0-9$%.ü]{1,5}$/u);
const topics = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const patterns = fc
  .array(fc.oneof(segment, fc.constant("*")), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("/"));
const text = fc.string({ unit: "binary", maxLength: 20 });
const count = fc.maxSafeNat();
const errors = fc
  .tuple(fc.constantFrom("bad-run", "denied", "overloaded", "going-away"), text)
  .map(([code, of]) => new OmnibusError(code as "denied", of));

/** A text as it is after `[code] `, which an error puts in front of it again. */
const sampleOf = <T>(
  of: fc.Arbitrary<T>,
  encode: (value: T) => Uint8Array,
): DecoderCase["written"] => of.map((value) => ({ bytes: encode(value), text: show(value) }));

/** An array of CBOR is expected: these are none, or end inside. */
const noArrays = hexes(
  "",
  "00",
  "f6",
  "a0",
  "80",
  "81",
  "9f",
  "ff",
  "82f4",
  "40",
  "8100 00",
  "9affffffff",
);

export const controlDecoders: readonly DecoderCase[] = [
  {
    name: "hello",
    read: within(decodeHello),
    codes: ["bad-run", "bad-version", "too-big"],
    golden: golden([
      `88 00 00 5820 ${"02".repeat(32)} 63616461 1b000001941f297c00 1a00100000 f4 00`,
      `{"versions":[0,0],"nodeId":bytes ${"02".repeat(32)},"name":"ada","incarnation":1735689600000,"maxFrameBytes":1048576,"isIntegrityProtected":false,"capabilities":0}`,
    ]),
    malformed: [
      ...noArrays,
      ...hexes(
        `88 01 02 5820 ${"02".repeat(32)} 60 00 1a00100000 f4 00`,
        `88 00 00 581f ${"02".repeat(31)} 60 00 1a00100000 f4 00`,
        `88 00 00 5820 ${"02".repeat(32)} 60 20 1a00100000 f4 00`,
        `88 00 00 5820 ${"02".repeat(32)} 60 00 1a0001ffff f4 00`,
        `88 00 00 5820 ${"02".repeat(32)} 60 00 1a00100000 00 00`,
        `88 00 00 5820 ${"02".repeat(32)} 79 0101 ${"61".repeat(257)} 00 1a00100000 f4 00`,
      ),
    ],
    written: sampleOf(
      fc.record({
        versions: fc.constant([0, 3] as const),
        nodeId: fc.uint8Array({ minLength: 32, maxLength: 32 }),
        name: text,
        incarnation: count,
        maxFrameBytes: fc.integer({ min: 131_072, max: 2 ** 31 }),
        isIntegrityProtected: fc.boolean(),
        capabilities: count,
      }),
      encodeHello,
    ),
  },
  {
    name: "auth",
    read: within(decodeAuth),
    codes: ["bad-run", "too-big"],
    golden: golden(
      ["81 69616e6f6e796d6f7573", '{"kind":"anonymous"}'],
      ["82 65746f6b656e 66736563726574", '{"kind":"token","token":"secret"}'],
    ),
    malformed: [
      ...noArrays,
      ...hexes("81 65746f6b656e", "82 65746f6b656e 01", "81 6972 65", "82 6870617373776f7264 6161"),
      new Uint8Array(65_537),
    ],
    written: sampleOf(
      fc.oneof(
        fc.constant({ kind: "anonymous" as const }),
        fc.record({ kind: fc.constant("token" as const), token: text }),
        fc.record({ kind: fc.constant("password" as const), user: text, password: text }),
      ),
      encodeAuth,
    ),
  },
  {
    name: "ready",
    read: within(decodeWelcome),
    codes: ["bad-run", "too-big"],
    golden: golden(["82 68736f6d65626f6479 646c656166", '{"principal":"somebody","role":"leaf"}']),
    malformed: [
      ...noArrays,
      ...hexes("82 6161 6470656572 00", "82 6161 65616461 6d 69", "82 00 646c656166"),
    ],
    written: sampleOf(
      fc.record({ principal: text, role: fc.constantFrom("leaf" as const, "peer" as const) }),
      encodeWelcome,
    ),
  },
  {
    name: "interest",
    read: within(decodeInterest),
    codes: ["bad-run", "bad-topic", "too-big"],
    golden: golden([
      "84 f5 66636861742f2a 03 00",
      '{"isAdded":true,"pattern":"chat/*","realm":"global","replay":0}',
    ]),
    malformed: [
      ...noArrays,
      ...hexes(
        "84 01 6161 03 00",
        "84 f5 60 03 00",
        "84 f5 652a2a2f612f 03 00",
        "84 f5 6161 04 00",
        "84 f5 6161 03 20",
        "84 f5 6161 03 f93c01",
      ),
    ],
    written: sampleOf(
      fc.record({
        isAdded: fc.boolean(),
        pattern: patterns,
        realm: fc.constantFrom(...realms),
        replay: count,
      }),
      encodeInterest,
    ),
  },
  {
    name: "refusal",
    read: within(decodeRefusal),
    codes: ["bad-run", "too-big"],
    golden: golden([
      "84 677075626c697368 6161 0f 626e6f",
      '{"verb":"publish","name":"a","error":error denied "[denied] no"}',
    ]),
    malformed: [
      ...noArrays,
      ...hexes(
        "84 6161 6161 0f 60",
        "84 677075626c697368 01 0f 60",
        "84 677075626c697368 6161 20 60",
      ),
    ],
    written: sampleOf(
      fc.record({
        verb: fc.constantFrom("publish" as const, "subscribe" as const),
        name: text,
        error: errors,
      }),
      encodeRefusal,
    ),
  },
  {
    name: "bye",
    read: within(decodeBye),
    // Reading it well yields an error, too, which is returned and not thrown.
    codes: ["bad-run", "too-big"],
    golden: golden(
      ["82 0c 6161", 'error going-away "[going-away] a"'],
      ["82 1903e7 60", 'error internal "[internal] "'],
    ),
    malformed: [...noArrays, ...hexes("82 20 60", "82 0c 00", "82 f5 60")],
    written: sampleOf(errors, encodeBye),
  },
  {
    name: "credit",
    read: within(decodeCredit),
    codes: ["bad-run", "bad-topic"],
    golden: golden(
      ["00 612f62", '{"name":"a/b","congestion":"hold"}'],
      ["01 612f62", '{"name":"a/b","congestion":"go"}'],
    ),
    malformed: hexes("", "00", "02 61", "00 2a", "00 ff", "01 612f2f62", "00 20", "00 00"),
    written: sampleOf(
      fc.record({ name: topics, congestion: fc.constantFrom("hold" as const, "go" as const) }),
      ({ name, congestion }) => encodeCredit(name, congestion),
    ),
  },
  {
    name: "gap",
    read: within(decodeGap),
    codes: ["bad-run"],
    golden: golden(["05 ac02", '{"number":5,"count":300}']),
    malformed: hexes("", "05", "05 ac", "05 01 00", "ffffffffffffff7f 01"),
    written: sampleOf(fc.record({ number: count, count }), (gap) =>
      encodeGap(gap.number, gap.count),
    ),
  },
  {
    name: "alias",
    read: within(readAliasRun),
    codes: ["bad-run", "bad-topic"],
    golden: golden(
      ["01 00 636861742f67656e6572616c", '{"number":1,"kind":"topic","name":"chat/general"}'],
      [`05 01 ${"3061".repeat(16)}`, `{"number":5,"kind":"endpoint","name":"${"0a".repeat(16)}"}`],
      [
        `05 02 ${"3061".repeat(32)}2e37`,
        `{"number":5,"kind":"node","name":"${"0a".repeat(32)}.7"}`,
      ],
    ),
    malformed: hexes(
      "",
      "01",
      "00 00 61",
      "808004 00 61",
      "01 07 61",
      "01 00",
      "01 00 2a",
      "01 00 ff",
      "01 01 61",
      `01 00 ${"61".repeat(1025)}`,
    ),
    written: fc.tuple(fc.integer({ min: 1, max: 65_535 }), topics).map(([number, name]) => ({
      bytes: joinBytes(varints(number), Uint8Array.of(0), utf8(name)),
      text: show({ number, kind: "topic", name }),
    })),
  },
];
