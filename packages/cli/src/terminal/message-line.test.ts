import assert from "node:assert/strict";
import test from "node:test";
import { jsonLine, prettyLine, type ShownMessage } from "./message-line.ts";

const timeMs = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();

function message(fields: Partial<ShownMessage>): ShownMessage {
  return {
    topic: "chat/general",
    value: "hi",
    format: "text",
    bytes: Buffer.from("hi"),
    json: '"hi"',
    timeMs,
    id: undefined,
    isReplay: false,
    missed: 0,
    ...fields,
  };
}

const plain = { hasColors: false, width: 80 };

test("a JSON line has topic, time and value", () => {
  assert.equal(jsonLine(message({})), `{"topic":"chat/general","time":${timeMs},"value":"hi"}`);
});

test("a JSON line says what is special", () => {
  const line = jsonLine(message({ id: 'a"b', isReplay: true, missed: 3 }));
  assert.deepEqual(JSON.parse(line), {
    topic: "chat/general",
    time: timeMs,
    value: "hi",
    id: 'a"b',
    replay: true,
    missed: 3,
  });
});

test("a JSON publisher's text over several lines becomes one", () => {
  const json = '{\r\n "a": "x\\ny"\n}';
  const line = jsonLine(message({ json }));
  assert.ok(!/[\r\n]/.test(line));
  assert.deepEqual(JSON.parse(line).value, { a: "x\ny" });
});

test("bytes are base64 in a JSON line", () => {
  const bytes = Uint8Array.of(0, 255);
  const line = jsonLine(message({ format: "bytes", value: bytes, bytes, json: undefined }));
  assert.deepEqual(JSON.parse(line).value, "AP8=");
  assert.deepEqual(JSON.parse(line).encoding, "base64");
});

test("people see time of day, topic and value", () => {
  assert.equal(prettyLine(message({}), plain), "03:04:05.006 chat/general  hi");
  assert.match(
    prettyLine(message({ value: { a: [1, "b"] } }), plain),
    / {2}\{ a: \[ 1, 'b' \] \}$/,
  );
  assert.match(
    prettyLine(message({ isReplay: true, missed: 2 }), plain),
    /^2 missed before this\n.*general \(replay\) {2}hi$/,
  );
});

test("colours come on demand only", () => {
  assert.match(prettyLine(message({}), { ...plain, hasColors: true }), /\u001b\[36mchat\/general/);
  assert.doesNotMatch(prettyLine(message({ value: { a: 1 } }), plain), /\u001b/);
});

test("a message cannot drive the terminal", () => {
  const line = prettyLine(message({ value: "a\u001b[2Jb\u009bc\td\ne\r" }), plain);
  assert.equal(line.slice("03:04:05.006 chat/general  ".length), "a\\x1b[2Jb\\x9bc\td\n  e\\x0d");
});

test("bytes are shown by their beginning", () => {
  const show = (bytes: Uint8Array): string =>
    prettyLine(message({ value: bytes, bytes }), plain).split("  ")[1] ?? "";
  assert.equal(show(Uint8Array.of(1, 171)), "<2 bytes: 01 ab>");
  assert.equal(show(new Uint8Array(0)), "<0 bytes>");
  assert.match(show(new Uint8Array(33)), /^<33 bytes: (00 ){31}00 \.\.\.>$/);
});

test("a payload that is not what it claims to be is shown as bytes", () => {
  const broken = message({ bytes: Uint8Array.of(123) });
  const line = prettyLine(
    Object.defineProperty({ ...broken }, "value", {
      get: () => {
        throw new Error("not JSON");
      },
    }),
    plain,
  );
  assert.match(line, /<1 bytes: 7b>$/);
});
