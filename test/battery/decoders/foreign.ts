/** What is not the native protocol: WebSocket, JSON, the first byte, the configuration. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { parseCommand } from "../../../packages/omnibus/src/adapters/json/command.ts";
import { jsonErrorTable as jsonErrors } from "../../../packages/omnibus/src/adapters/json/error-table.ts";
import type { Slab } from "../../../packages/omnibus/src/base/index.ts";
import { openingOf } from "../../../packages/omnibus/src/node/port/first-byte.ts";
import { FrameReader } from "../../../packages/omnibus/src/node/ws/frame-reader.ts";
import { readUpgrade } from "../../../packages/omnibus/src/node/ws/handshake.ts";
import { loadSettings } from "../../../packages/omnibus/src/server/index.ts";
import {
  goldenFrames,
  malformedFrames,
  maskedFrame,
  plainFrame,
  serverReading,
} from "../../../packages/omnibus/src/testing/index.ts";
import {
  type DecoderCase,
  golden,
  type Reading,
  type Sample,
  show,
  texts,
} from "./decoder-case.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const textSamples = (...rows: readonly (readonly [string, string])[]): Sample[] =>
  rows.map(([input, text]) => ({ bytes: utf8(input), text }));

/** What a server reads from a stream of WebSocket frames. */
function readWebSocket(pieces: readonly Uint8Array[]): Reading {
  const found: unknown[] = [];
  let failure: number | undefined;
  const reader = new FrameReader(
    {
      text: (text) => found.push(["text", text]),
      binary: ({ bytes }: Slab, start, end) =>
        found.push(["binary", Buffer.from(bytes.subarray(start, end)).toString("hex")]),
      ping: (payload) => found.push(["ping", payload.toString("latin1")]),
      pong: () => found.push(["pong"]),
      closeFrame: (code, reason) => found.push(["close", code, reason]),
      failed: (code) => (failure = code),
    },
    serverReading,
  );
  for (const piece of pieces) {
    const chunk = Buffer.from(piece);
    reader.read(chunk, 0, chunk.length);
  }
  return failure === undefined ? { text: show(found) } : { refusal: String(failure) };
}

const payloads = fc.uint8Array({ maxLength: 300, size: "max" }).map((bytes) => Buffer.from(bytes));
const clientFrames = fc.oneof(
  fc.tuple(payloads, fc.maxSafeInteger()).map(([payload, key]) => ({
    bytes: maskedFrame(plainFrame(0x82, payload), key | 0),
    found: ["binary", payload.toString("hex")],
  })),
  fc.string({ unit: "binary", maxLength: 100 }).map((text) => ({
    bytes: maskedFrame(plainFrame(0x81, Buffer.from(text))),
    found: ["text", text],
  })),
);

/** Headers as one text of lines; what no HTTP parser would let through is left to it. */
function readHandshake(bytes: Uint8Array): Reading {
  const [first = "", ...lines] = textOf(bytes).split("\n");
  const [method = "", httpVersion = ""] = first.split(" ");
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const offer = readUpgrade({ method, httpVersion, headers });
  return "status" in offer ? { refusal: String(offer.status) } : { text: show(offer) };
}

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const goodHandshake = `GET 1.1\nupgrade: websocket\nconnection: keep-alive, Upgrade\nsec-websocket-version: 13\nsec-websocket-key: ${key}`;

function readCommand(bytes: Uint8Array): Reading {
  const parsed = parseCommand(textOf(bytes));
  return "command" in parsed ? { text: show(parsed.command) } : { refusal: parsed.refusal.code };
}

const folder = mkdtempSync(join(tmpdir(), "omnibus-decoders-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));

function readConfiguration(bytes: Uint8Array): Reading {
  const configFile = join(folder, "battery.toml");
  writeFileSync(configFile, bytes);
  const { settings } = loadSettings({ flags: {}, environment: {}, folder, configFile });
  return { text: show([settings["server.port"], settings["broker.max_connections"]]) };
}

const payloadTexts = fc.json({ maxDepth: 3 });

export const foreignDecoders: readonly DecoderCase[] = [
  {
    name: "WebSocket frames",
    read: (bytes) => readWebSocket([bytes]),
    readPieces: readWebSocket,
    codes: ["1002", "1007", "1008", "1009"],
    golden: goldenFrames
      .filter(({ options }) => options.role === "server")
      .map(({ bytes, found }) => ({ bytes, text: show(found) })),
    malformed: malformedFrames
      .filter(([, { role }]) => role === "server")
      .map(([, , bytes]) => bytes),
    written: fc.array(clientFrames, { maxLength: 4 }).map((frames) => ({
      bytes: Buffer.concat(frames.map(({ bytes }) => bytes)),
      text: show(frames.map(({ found }) => found)),
    })),
  },
  {
    name: "WebSocket handshake",
    read: readHandshake,
    codes: ["400", "405", "426"],
    golden: textSamples(
      [goodHandshake, `{"key":"${key}","subprotocols":[]}`],
      [
        `${goodHandshake}\nsec-websocket-protocol: a, omnibus.v1`,
        `{"key":"${key}","subprotocols":["a","omnibus.v1"]}`,
      ],
    ),
    malformed: texts(
      "",
      "GET 1.1",
      goodHandshake.replace("GET", "POST"),
      goodHandshake.replace("1.1", "1.0"),
      goodHandshake.replace("websocket", "h2c"),
      goodHandshake.replace("Upgrade", "close"),
      goodHandshake.replace("13", "8"),
      goodHandshake.replace(key, ""),
      goodHandshake.replace(key, key.slice(1)),
      goodHandshake.replace(key, `${key}x`),
      `${goodHandshake}\nsec-websocket-protocol: a, a`,
      `${goodHandshake}\nsec-websocket-protocol: ,`,
      `${goodHandshake}\nsec-websocket-protocol: a b`,
    ),
    written: fc
      .tuple(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uniqueArray(fc.stringMatching(/^[!#$%&'*+.0-9A-Z^_`a-z|~-]{1,8}$/), { maxLength: 3 }),
      )
      .map(([random, subprotocols]) => {
        const own = Buffer.from(random).toString("base64");
        const more =
          subprotocols.length === 0 ? "" : `\nsec-websocket-protocol: ${subprotocols.join(", ")}`;
        return {
          bytes: utf8(goodHandshake.replace(key, own) + more),
          text: show({ key: own, subprotocols }),
        };
      }),
  },
  {
    name: "JSON command",
    read: readCommand,
    codes: Object.keys(jsonErrors),
    golden: textSamples(
      [`{"type":"auth","token":"t"}`, '{"type":"auth","token":"t","isTyped":false}'],
      [
        `{"type":"publish","topic":"a","payload":[1, 2],"qos":1,"message_id":"x"}`,
        '{"type":"publish","topic":"a","payload":"[1, 2]","messageId":"x","qos":1,"isConfirmed":false}',
      ],
      [
        `{"type":"ack","message_id":"x"}`,
        '{"type":"ack","messageId":"x","topic":undefined,"isConfirmed":false}',
      ],
    ),
    malformed: texts(
      "",
      "{",
      "null",
      "[]",
      "7",
      "{}",
      `{"type":7}`,
      `{"type":"toString"}`,
      `{"type":"__proto__"}`,
      `{"type":"publish"}`,
      `{"type":"publish","topic":"a"}`,
      `{"type":"publish","topic":1,"payload":1}`,
      `{"type":"publish","topic":"a","payload":1,"qos":2}`,
      `{"type":"publish","topic":"a","payload":1,"qos":"1"}`,
      `{"type":"subscribe","topic":"a","replay":-1}`,
      `{"type":"subscribe","topic":"a","replay":1.5}`,
      `{"type":"login","username":"a"}`,
      `{"type":"auth","token":null}`,
      `{"type":"publish","topic":"a","payload":${"[".repeat(65)}${"]".repeat(65)}}`,
      "[".repeat(100_000),
      `{"a":`.repeat(100_000),
    ),
    written: fc
      .tuple(fc.string({ unit: "binary" }), payloadTexts, fc.constantFrom<0 | 1>(0, 1))
      .map(([topic, payload, qos]) => ({
        bytes: utf8(
          `{"type":"publish","topic":${JSON.stringify(topic)},"payload":${payload.toWellFormed()},"qos":${qos}}`,
        ),
        text: show({
          type: "publish",
          topic,
          payload: payload.toWellFormed(),
          messageId: undefined,
          qos,
          isConfirmed: false,
        }),
      })),
  },
  {
    name: "first byte",
    read: ([first]) => (first === undefined ? { refusal: "none" } : { text: openingOf(first) }),
    codes: ["none"],
    golden: golden(
      ["47", "http"],
      ["5a", "http"],
      ["41", "http"],
      ["16", "tls"],
      ["00", "native"],
      ["61", "native"],
      ["5b", "native"],
      ["ff", "native"],
    ),
    malformed: [new Uint8Array(0)],
    written: fc
      .constantFrom("GET", "POST", "OPTIONS", "PRI")
      .map((method) => ({ bytes: utf8(`${method} / HTTP/1.1`), text: "http" })),
  },
  {
    name: "configuration",
    read: readConfiguration,
    codes: ["bad-config"],
    golden: textSamples(
      ["", "[8080,10000]"],
      ["[server]\nport = 9000\n[broker]\nmax_connections = 7\n", "[9000,7]"],
      ["server.port = 0x10", "[16,10000]"],
    ),
    malformed: texts(
      "x",
      "[server",
      "server = 7",
      "[server]\nprot = 1",
      "[server]\nport = 70000",
      "[server]\nport = '80'",
      "[server]\nport = 1.5",
      "[server]\n__proto__ = 1",
      "[constructor]\nprototype = 1",
      "[server]\nport = 1\nport = 2",
      "\u0000",
      `a = ${"[".repeat(5000)}`,
    ),
    written: fc
      .tuple(fc.nat(65_535), fc.integer({ min: 1, max: 1_000_000 }))
      .map(([port, most]) => ({
        bytes: utf8(`server.port = ${port}\n[broker]\nmax_connections = ${most}\n`),
        text: `[${port},${most}]`,
      })),
  },
];
