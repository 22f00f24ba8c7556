import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { OmnibusError } from "../base/index.ts";
import { fromHex, toHex } from "../testing/index.ts";
import { decodeCredit, decodeGap, encodeCredit, encodeGap } from "./flow-runs.ts";
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
  type Hello,
} from "./handshake.ts";

const hello: Hello = {
  versions: [0, 0],
  nodeId: new Uint8Array(32).fill(0xab),
  name: "n",
  incarnation: 7,
  maxFrameBytes: 131_072,
  isIntegrityProtected: false,
  capabilities: 0,
};

type Decoder = (bytes: Uint8Array, start: number, end: number) => unknown;
const decode = (decoder: Decoder, bytes: Uint8Array): unknown => decoder(bytes, 0, bytes.length);
const error = new OmnibusError("denied", "no");

const golden: [what: string, bytes: Uint8Array, hex: string, decoder: Decoder, value: unknown][] = [
  [
    "hello [WIRE-8.1]",
    encodeHello(hello),
    `8800005820${"ab".repeat(32)}616e071a00020000f400`,
    decodeHello,
    hello,
  ],
  [
    "auth, anonymous [WIRE-8.3]",
    encodeAuth({ kind: "anonymous" }),
    "8169616e6f6e796d6f7573",
    decodeAuth,
    { kind: "anonymous" },
  ],
  [
    "auth, token",
    encodeAuth({ kind: "token", token: "t0" }),
    "8265746f6b656e627430",
    decodeAuth,
    { kind: "token", token: "t0" },
  ],
  [
    "auth, password",
    encodeAuth({ kind: "password", user: "ada", password: "pw" }),
    "836870617373776f726463616461627077",
    decodeAuth,
    { kind: "password", user: "ada", password: "pw" },
  ],
  [
    "ready [WIRE-8.4]",
    encodeWelcome({ principal: "ada", role: "leaf" }),
    "8263616461646c656166",
    decodeWelcome,
    { principal: "ada", role: "leaf" },
  ],
  [
    "interest [WIRE-9.1]",
    encodeInterest({ isAdded: true, pattern: "a/**", realm: "global", replay: 10 }),
    "84f564612f2a2a030a",
    decodeInterest,
    { isAdded: true, pattern: "a/**", realm: "global", replay: 10 },
  ],
  [
    "the end of an interest",
    encodeInterest({ isAdded: false, pattern: "a", realm: "user", replay: 0 }),
    "84f461610100",
    decodeInterest,
    { isAdded: false, pattern: "a", realm: "user", replay: 0 },
  ],
  [
    "refusal [WIRE-9.3]",
    encodeRefusal({ verb: "publish", name: "a/b", error }),
    "84677075626c69736863612f620f6b5b64656e6965645d206e6f",
    decodeRefusal,
    { verb: "publish", name: "a/b", error },
  ],
  [
    "bye [WIRE-11.3]",
    encodeBye(new OmnibusError("going-away", "bye")),
    "820c705b676f696e672d617761795d20627965",
    decodeBye,
    new OmnibusError("going-away", "bye"),
  ],
  [
    "credit, hold [WIRE-10.1]",
    encodeCredit("a/b", "hold"),
    "00612f62",
    decodeCredit,
    { name: "a/b", congestion: "hold" },
  ],
  [
    "credit, go",
    encodeCredit("a/b", "go"),
    "01612f62",
    decodeCredit,
    { name: "a/b", congestion: "go" },
  ],
  ["gap [WIRE-10.3]", encodeGap(5, 300), "05ac02", decodeGap, { number: 5, count: 300 }],
];

for (const [what, bytes, hex, decoder, value] of golden) {
  test(`the bytes of ${what}`, () => {
    assert.equal(toHex(bytes), hex);
    assert.deepEqual(decode(decoder, bytes), value);
  });

  test(`${what} cut off anywhere, or changed in one byte, is read or refused with a code`, () => {
    for (let end = 0; end < bytes.length; end++) attempt(decoder, bytes.subarray(0, end));
    for (let at = 0; at < bytes.length; at++) {
      for (let value2 = 0; value2 < 256; value2 += 5) {
        const damaged = bytes.slice();
        damaged[at] = value2;
        attempt(decoder, damaged);
      }
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (random) => attempt(decoder, random)));
  });
}

function attempt(decoder: Decoder, bytes: Uint8Array): void {
  try {
    decode(decoder, bytes);
  } catch (failure) {
    const codes = ["bad-run", "bad-version", "bad-topic", "too-big"];
    assert.ok(failure instanceof OmnibusError && codes.includes(failure.code), String(failure));
  }
}

function refuses(code: string, decoder: Decoder, bytes: Uint8Array): void {
  assert.throws(
    () => decode(decoder, bytes),
    (failure) => failure instanceof OmnibusError && failure.code === code,
  );
}

test("what a later version appends to a statement is ignored [WIRE-1.3]", () => {
  const longer = fromHex(`8900005820${"ab".repeat(32)}616e071a00020000f400f6`);
  assert.deepEqual(decode(decodeHello, longer), hello);
});

test("a range of versions without ours is refused as such, before anything else is looked at", () => {
  refuses("bad-version", decodeHello, encodeHello({ ...hello, versions: [1, 3] }));
  assert.deepEqual(
    (decode(decodeHello, encodeHello({ ...hello, versions: [0, 9] })) as Hello).versions,
    [0, 9],
  );
});

test("a node that takes no full frame is refused, instead of being sent what it must refuse", () => {
  refuses("bad-run", decodeHello, encodeHello({ ...hello, maxFrameBytes: 131_071 }));
});

test("an id that is not 32 bytes, and a name that is too long, are refused", () => {
  refuses("bad-run", decodeHello, encodeHello({ ...hello, nodeId: new Uint8Array(31) }));
  refuses("bad-run", decodeHello, encodeHello({ ...hello, name: "x".repeat(257) }));
});

test("patterns that nobody may subscribe to were taken into the routing table", () => {
  const statement = { isAdded: true, realm: "global", replay: 0 } as const;
  for (const pattern of ["", "a//b", "/a", "**/a", "a\u0000", " a", "a".repeat(1025)]) {
    refuses("bad-topic", decodeInterest, encodeInterest({ ...statement, pattern }));
  }
});

test("a topic in a credit run must be one that can be published to", () => {
  for (const name of ["", "a/*", "a//b", "\ufeffa"])
    refuses("bad-topic", decodeCredit, encodeCredit(name, "hold"));
  refuses("bad-run", decodeCredit, fromHex("0261"));
  refuses("bad-run", decodeCredit, fromHex("00ff"));
});

test("a gap with a third number, or half of one, is refused", () => {
  refuses("bad-run", decodeGap, fromHex("050301"));
  refuses("bad-run", decodeGap, fromHex("050380"));
});

test("an error with a long text, or half of a surrogate pair, could not be told", () => {
  const long = decode(
    decodeBye,
    encodeBye(new OmnibusError("internal", "x".repeat(100_000))),
  ) as OmnibusError;
  assert.equal(long.code, "internal");
  assert.ok(long.message.length <= 1100);
  const halves = `${"x".repeat(1012)}${"\u{1f600}".repeat(9)}\ud800`;
  assert.equal(
    (decode(decodeBye, encodeBye(new OmnibusError("internal", halves))) as OmnibusError).code,
    "internal",
  );
});

test("an error number of a later version is read as `internal`", () => {
  const failure = decode(decodeBye, fromHex("82 1903e7 6178")) as OmnibusError;
  assert.deepEqual([failure.code, failure.message], ["internal", "[internal] x"]);
});
