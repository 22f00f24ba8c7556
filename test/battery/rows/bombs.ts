import {
  controlRun,
  frameBytes,
  fromHex,
  joinBytes,
  maskedFrame,
  messageRun,
  plainFrame,
  utf8,
  varints,
  bodyBytes,
} from "../../../packages/omnibus/src/testing/index.ts";
import { runType } from "../../../packages/omnibus/src/wire/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { mebibytes } from "../stage/mebibytes.ts";
import { MemoryWatch } from "../stage/memory-watch.ts";
import { frameOf, helloFrame, NativeByHand } from "../stage/native-by-hand.ts";
import { RawConnection, upgradeRequest } from "../stage/raw-connection.ts";

const rounds = { 0: 20, 1: 200 } as const;
const allowedGrowth = 16 * 1_048_576;
/** A collector that takes its time lets what hundreds of megabytes leave behind lie for a while. */
const allowedInAll = 256 * 1_048_576;

interface Bomb {
  readonly name: string;
  /** Throws it; resolves with how it was answered. */
  readonly throwAt: (server: BatteryServer) => Promise<string>;
  readonly answer: RegExp;
}

const json = (name: string, text: string, answer: RegExp): Bomb => ({
  name,
  answer,
  throwAt: async ({ port, token }) => {
    using peer = await JsonPeer.open(port, token);
    const said = await peer.ask(text);
    return JSON.stringify(said["code"]);
  },
});

const deepJson = (open: string, close: string, depth: number): string =>
  `{"type":"publish","topic":"bomb/a","payload":${open.repeat(depth)}1${close.repeat(depth)}}`;

const native = (name: string, frames: readonly Uint8Array[], answer: RegExp): Bomb => ({
  name,
  answer,
  throwAt: async ({ port, token }) => {
    const peer = await NativeByHand.enter(port, "tcp", token);
    peer.send(...frames, frameOf(controlRun(runType.ping, utf8("x"))));
    await peer.hears(/^(bye|pong)/m);
    const end = peer.heard().findLast((line) => /^(bye|pong)/.test(line)) ?? "nothing";
    peer.connection.socket.destroy();
    return end;
  },
});

const stranger = (name: string, bytes: Uint8Array, answer: RegExp): Bomb => ({
  name,
  answer,
  throwAt: async ({ port }) => {
    const peer = await NativeByHand.open(port, "tcp");
    peer.send(bytes);
    await peer.hears(/^bye/m);
    peer.connection.socket.destroy();
    return peer.heard().findLast((line) => line.startsWith("bye")) ?? "nothing";
  },
});

const webSocket = (name: string, bytes: Uint8Array, code: number): Bomb => ({
  name,
  answer: new RegExp(`^${code}$`),
  throwAt: async ({ port }) => {
    const connection = await RawConnection.open(port);
    connection.send(upgradeRequest(), bytes);
    await connection.closed;
    const { answer } = connection;
    const at = answer.lastIndexOf(Buffer.of(0x88));
    return String(at < 0 ? "no close" : answer.readUInt16BE(at + 2));
  },
});

const http = (name: string, request: string, answer: RegExp): Bomb => ({
  name,
  answer,
  throwAt: async ({ port }) => {
    const connection = await RawConnection.open(port);
    connection.send(request);
    return (await connection.hangUp()).toString("latin1").slice(0, 12);
  },
});

/** A topic's number, and a message to it whose body is as given. */
function messageOf(payload: Uint8Array, format: 0 | 1 | 2 | 3): Uint8Array[] {
  const body = bodyBytes({ records: [{ payload, format }] });
  const bytes = messageRun({ destination: 1 }, body);
  const alias = joinBytes(varints(1), Uint8Array.of(0), utf8("bomb/a"));
  return [
    frameOf(controlRun(runType.alias, alias)),
    frameBytes({ runs: [{ bytes, hopBytes: bytes.length - body.length }] }),
  ];
}

const bombs: readonly Bomb[] = [
  json("JSON arrays, 400,000 deep", deepJson("[", "]", 400_000), /too-deep/),
  json("JSON objects, 100,000 deep", deepJson('{"a":', "}", 100_000), /too-deep/),
  json("an envelope of brackets alone", "[".repeat(1_000_000), /too-deep|bad-json/),
  json("a text over the limit", `"${"x".repeat(1_100_000)}"`, /too-big|1009/),
  json(
    "a number of 500,000 digits",
    `{"type":"subscribe","topic":"a","replay":${"9".repeat(500_000)}}`,
    /bad-field/,
  ),
  native(
    "CBOR arrays, 500,000 deep, to JSON readers",
    messageOf(new Uint8Array(500_000).fill(0x81), 3),
    /^pong/,
  ),
  native("JSON, 500,000 deep, to JSON readers", messageOf(utf8("[".repeat(500_000)), 2), /^pong/),
  native("CBOR that claims 2^32 items", messageOf(fromHex("9affffffff"), 3), /^pong/),
  native("CBOR that claims 2^40 bytes", messageOf(fromHex("5b0000010000000000"), 3), /^pong/),
  native(
    "an interest in CBOR that claims 2^32 items",
    [frameOf(controlRun(runType.interest, fromHex("9affffffff")))],
    /bad-run/,
  ),
  native(
    "an interest that is 60,000 deep",
    [frameOf(controlRun(runType.interest, new Uint8Array(60_000).fill(0x81)))],
    /bad-run/,
  ),
  stranger("a frame that claims 2^35 bytes", fromHex("00 ffffffff7f"), /too-big/),
  stranger("a frame that claims 1 MiB before the handshake", fromHex("00 808040"), /too-big/),
  stranger(
    "a hello that claims 2^32 items",
    joinBytes(frameOf(controlRun(runType.hello, fromHex("9affffffff"))), helloFrame),
    /bad-run/,
  ),
  webSocket(
    "a WebSocket frame that claims 2^40 bytes",
    fromHex("82ff 0000010000000000 00000000"),
    1009,
  ),
  webSocket(
    "a compressed frame (RSV1), though nothing was agreed",
    maskedFrame(plainFrame(0xc1, Buffer.from("4aca2c01", "hex"))),
    1002,
  ),
  webSocket(
    "a compressed frame that would be 1 GiB",
    maskedFrame(plainFrame(0xc2, Buffer.alloc(65_535, 0))),
    1002,
  ),
  http(
    "a body that claims 2^50 bytes",
    `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1125899906842624\r\n\r\nx`,
    /4\d\d/,
  ),
  http(
    "1 MB of headers",
    `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(1_000_000)}\r\n\r\n`,
    /431|^$/,
  ),
  http(
    "5,000 headers",
    `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${"a:b\r\n".repeat(5000)}\r\n`,
    /431|200|^$/,
  ),
];

/** Small input that wants to become large. */
export const bombsRow: Row = {
  name: "bombs",
  what: "deep JSON and CBOR, huge length claims, compressed frames: a typed error, memory grows by 16 MB at most",
  tiers: { 0: "each 20 times", 1: "each 200 times" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const observed: string[] = [];
    const faults: string[] = [];
    let count = 0;
    await using server = await BatteryServer.start({ args: ["--log-level", "error"] });
    // Readers make the server look into what programs send.
    using reader = await JsonPeer.open(server.port, server.token);
    await reader.ask({ type: "subscribe", topic: "bomb/**", confirm: true });
    using memory = new MemoryWatch(server);
    const atFirst = memory.peakBytes;
    let highest = 0;
    for (const bomb of bombs) {
      progress(bomb.name);
      let worst = 0;
      for (let n = 0; n < rounds[tier]; n++) {
        const growths: number[] = [];
        // What a bomb takes it takes every time; a heap that finds a new size does so once.
        do {
          memory.restart();
          const before = memory.peakBytes;
          const answer = await bomb.throwAt(server);
          if (!bomb.answer.test(answer)) faults.push(`${bomb.name} is answered with ${answer}`);
          growths.push(memory.peakBytes - before);
          highest = Math.max(highest, memory.peakBytes);
          count++;
        } while (growths.length < 3 && Math.min(...growths) > allowedGrowth);
        worst = Math.max(worst, Math.min(...growths));
      }
      if (worst > allowedGrowth) faults.push(`${bomb.name}: memory grew by ${mebibytes(worst)}`);
      observed.push(`${bomb.name}: at most ${mebibytes(worst)} each`);
      faults.push(...(await server.faults()).map((fault) => `after ${bomb.name}: ${fault}`));
    }
    observed.push(`all of them, one after the other: ${mebibytes(highest - atFirst)}`);
    if (highest - atFirst > allowedInAll) {
      faults.push(`all of them: memory grew by ${mebibytes(highest - atFirst)}`);
    }
    if (reader.socket.readyState !== 1) faults.push("the JSON reader was cut off");
    return { count, unit: "bombs", observed, faults };
  },
};
