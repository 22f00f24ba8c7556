import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCommand } from "./command.ts";
import { scanEnvelope } from "./envelope-scan.ts";

function commandOf(text: string): unknown {
  const parsed = parseCommand(text);
  assert.ok("command" in parsed, JSON.stringify(parsed));
  return parsed.command;
}

function refusalOf(text: string): string {
  const parsed = parseCommand(text);
  assert.ok("refusal" in parsed, JSON.stringify(parsed));
  const { code, detail } = parsed.refusal;
  return detail === undefined ? code : `${code} ${detail}`;
}

const good: readonly [text: string, command: object][] = [
  [
    `{"type":"login","username":"admin","password":"password"}`,
    { type: "login", username: "admin", password: "password" },
  ],
  [`{"type":"auth","token":"t"}`, { type: "auth", token: "t", isTyped: false }],
  [`{"token":"t","typed":true,"type":"auth"}`, { type: "auth", token: "t", isTyped: true }],
  [
    `{"type":"subscribe","topic":"chat"}`,
    { type: "subscribe", topic: "chat", replay: undefined, isConfirmed: false },
  ],
  [
    `{"type":"subscribe","topic":"chat","replay":0,"confirm":true}`,
    { type: "subscribe", topic: "chat", replay: 0, isConfirmed: true },
  ],
  [`{"type":"unsubscribe","topic":""}`, { type: "unsubscribe", topic: "", isConfirmed: false }],
  [
    `{"type":"publish","topic":"chat","payload":"Hello world!"}`,
    {
      type: "publish",
      topic: "chat",
      payload: `"Hello world!"`,
      messageId: undefined,
      qos: 0,
      isConfirmed: false,
    },
  ],
  [
    ` { "payload" : [1, {"payload":2}] , "qos":1, "message_id":"x", "topic":"t", "type":"publish" } `,
    {
      type: "publish",
      topic: "t",
      payload: `[1, {"payload":2}]`,
      messageId: "x",
      qos: 1,
      isConfirmed: false,
    },
  ],
  [
    `{"type":"publish","topic":"t","payload":null,"message_id":"","qos":null,"confirm":null}`,
    {
      type: "publish",
      topic: "t",
      payload: "null",
      messageId: undefined,
      qos: 0,
      isConfirmed: false,
    },
  ],
  [
    `{"type":"ack","message_id":"m","topic":"t"}`,
    { type: "ack", messageId: "m", topic: "t", isConfirmed: false },
  ],
];

for (const [text, command] of good) {
  test(`[JSON-2.1] ${text.slice(0, 70)} is understood`, () => {
    assert.deepEqual(commandOf(text), command);
  });
}

const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
const publish = (rest: string): string => `{"type":"publish","topic":"t","payload":1,${rest}}`;

const bad: readonly [text: string, refusal: string][] = [
  ["", "bad-json"],
  ["{", "bad-json"],
  ["hello", "bad-json"],
  [`{"type":"auth",}`, "bad-json"],
  [`{'type':'auth'}`, "bad-json"],
  [`{"type":"auth"} {}`, "bad-json"],
  ["\ufeff{}", "bad-json"],
  ["null", "bad-message"],
  ["1", "bad-message"],
  ["[]", "bad-message"],
  [`"auth"`, "bad-message"],
  ["{}", "bad-message"],
  [`{"type":1}`, "bad-message"],
  [`{"type":null}`, "bad-message"],
  [`{"type":"message"}`, `unknown-type "message"`],
  [`{"type":"Subscribe","topic":"t"}`, `unknown-type "Subscribe"`],
  [`{"type":"constructor"}`, `unknown-type "constructor"`],
  [`{"type":"${"x".repeat(50)}"}`, `unknown-type "${"x".repeat(37)}..."`],
  [`{"type":"login","username":"a"}`, "bad-field `password` is missing"],
  [`{"type":"login","username":1,"password":"p"}`, "bad-field `username` must be a string"],
  [`{"type":"auth"}`, "bad-field `token` is missing"],
  [`{"type":"auth","token":{}}`, "bad-field `token` must be a string"],
  [`{"type":"auth","token":"t","typed":1}`, "bad-field `typed` must be true or false"],
  [`{"type":"subscribe"}`, "bad-field `topic` is missing"],
  [`{"type":"subscribe","topic":["t"]}`, "bad-field `topic` must be a string"],
  ...["-1", "1.5", `"1"`, "1e300", "true"].map((replay): [string, string] => [
    `{"type":"subscribe","topic":"t","replay":${replay}}`,
    "bad-field `replay` must be an integer of at least 0",
  ]),
  [`{"type":"publish","topic":"t"}`, "bad-field `payload` is missing"],
  [`{"type":"publish","payload":1}`, "bad-field `topic` is missing"],
  ...["2", "-1", "0.5", `"1"`, "true", "[]"].map((qos): [string, string] => [
    publish(`"qos":${qos}`),
    "bad-field `qos` must be 0 or 1",
  ]),
  [publish(`"message_id":7`), "bad-field `message_id` must be a string"],
  [publish(`"message_id":"\\ud800"`), "bad-field `message_id` must be well-formed Unicode"],
  [
    publish(`"message_id":"${"é".repeat(129)}"`),
    "bad-field `message_id` must have at most 256 bytes of UTF-8",
  ],
  [publish(`"confirm":"yes"`), "bad-field `confirm` must be true or false"],
  [`{"type":"ack"}`, "bad-field `message_id` is missing"],
  [`{"type":"ack","message_id":"m","topic":1}`, "bad-field `topic` must be a string"],
  [`{"type":"publish","topic":"t","payload":${nested(65)}}`, "too-deep"],
  ["[".repeat(1_000_000), "too-deep"],
];

for (const [text, refusal] of bad) {
  test(`[JSON-2.2] ${JSON.stringify(text.slice(0, 70))} is refused: ${refusal}`, () => {
    assert.equal(refusalOf(text), refusal);
  });
}

test("[JSON-2.3] a payload may be nested 64 deep", () => {
  const text = `{"type":"publish","topic":"t","payload":${nested(64)}}`;
  assert.equal((commandOf(text) as { payload: string }).payload, nested(64));
});

test("[JSON-5.3] an id of exactly 256 bytes is taken", () => {
  const id = "é".repeat(128);
  assert.equal((commandOf(publish(`"message_id":"${id}"`)) as { messageId: string }).messageId, id);
});

test("[JSON-5.2] the last of several payloads counts, also by an escaped name", () => {
  const text = `{"payload":1,"type":"publish","topic":"t","pay\\u006coad":{"a":"}\\"],"}}`;
  assert.equal((commandOf(text) as { payload: string }).payload, `{"a":"}\\"],"}`);
});

test("[JSON-5.2] digits beyond what a double holds are kept", () => {
  const payload = "[12345678901234567890, 1e400, 1.0, -0]";
  const text = `{"type":"publish","topic":"t","payload":${payload}}`;
  assert.equal((commandOf(text) as { payload: string }).payload, payload);
});

test("[JSON-5.2] the payload found is the one that JSON.parse finds", () => {
  const key = fc.constantFrom("payload", "type", "a", 'pay"load', "\\");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.jsonValue()), { maxLength: 6 }),
      fc.nat(3),
      (all, space) => {
        const gap = " \n\t\r".slice(0, space);
        const members = all.map(
          ([k, v]) =>
            `${gap}${JSON.stringify(k)}${gap}:${gap}${JSON.stringify(v, null, space)}${gap}`,
        );
        const text = `{${members.join(",")}}`;
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const { payload } = scanEnvelope(text, 1000);
        if (Object.hasOwn(parsed, "payload")) {
          assert.deepEqual(JSON.parse(payload ?? ""), parsed["payload"]);
        } else assert.equal(payload, undefined);
      },
    ),
    { seed: 5, numRuns: 2000 },
  );
});

test("no text makes the parser throw", () => {
  const piece = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    ":",
    ",",
    "\\",
    "type",
    "payload",
    "1",
    "null",
    '"type"',
    '"publish"',
    " ",
  );
  const soup = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      parseCommand(text);
    }),
    { seed: 6, numRuns: 5000 },
  );
});

test("[JSON-5.2] a small payload in a huge envelope is the same, in memory of its own", () => {
  for (const payload of [`"\ufeffgrüße 😀 ${"x".repeat(20)}"`, `{"a":[1,2.50]}`]) {
    const text = `{"type":"publish","topic":"t","payload":${payload},"junk":"${"x".repeat(100_000)}"}`;
    assert.equal((commandOf(text) as { payload: string }).payload, payload);
  }
});
