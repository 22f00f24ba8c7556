import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { malformedFrames } from "../../src/testing/index.ts";
import { ServerStage } from "./server-stage.ts";

const upgradeRequest =
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/**
 * Sends bytes and returns all that is answered until the end of the connection; who hangs up at once
 * does not wait for the answer.
 */
async function answerTo(
  port: number,
  pieces: readonly Uint8Array[],
  { hangsUp }: { hangsUp: boolean },
): Promise<Buffer> {
  const socket: Socket = connect(port, "127.0.0.1");
  // A reset is an answer, too.
  socket.on("error", () => {});
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, "close");
  for (const piece of pieces) socket.write(piece);
  if (hangsUp) socket.end();
  await closed;
  return Buffer.concat(chunks);
}

/** The close code in what a server answered; replies of the JSON protocol may stand before it. */
function closeCodeOf(answer: Buffer): number | undefined {
  let at = answer.indexOf("\r\n\r\n") + 4;
  while (at + 4 <= answer.length) {
    if (answer[at] === 0x88) return answer.readUInt16BE(at + 2);
    const short = answer[at + 1] ?? 0;
    at += short < 126 ? 2 + short : 4 + answer.readUInt16BE(at + 2);
  }
  return undefined;
}

test("malformed frames are answered with their close code over the wire", async () => {
  await using stage = new ServerStage();
  const { port } = await stage.start();
  for (const [name, { role }, bytes, code] of malformedFrames) {
    // The server's own limit of fragments is higher than that of the cases (1008).
    if (role !== "server" || code === 1008) continue;
    const answer = await answerTo(port, [Buffer.from(upgradeRequest), bytes], { hangsUp: false });
    assert.equal(closeCodeOf(answer), code, name);
  }
  assert.equal(await stage.metric("connections"), 0);
});

test("random bytes to every listener harm nobody", async () => {
  await using stage = new ServerStage();
  const { port } = await stage.start();
  const witness = await stage.enter();
  const openings = ["", upgradeRequest, "GET / HTTP/1.1\r\n", "\x16\x03\x01"];
  const input = fc.tuple(fc.constantFrom(...openings), fc.uint8Array({ maxLength: 300 }));
  await fc.assert(
    fc.asyncProperty(input, async ([opening, bytes]) => {
      await answerTo(port, [Buffer.from(opening, "latin1"), bytes], { hangsUp: true });
    }),
    { numRuns: 200 },
  );
  assert.equal(
    (await witness.ask({ type: "subscribe", topic: "a", confirm: true }))["type"],
    "confirmed",
  );
  await stage.roundTrip();
  assert.equal(stage.server.connections, 1);
});

test("requests that are no good are answered and harm nobody", async () => {
  await using stage = new ServerStage();
  const { port } = await stage.start();
  const requests: readonly (readonly [string, RegExp])[] = [
    ["GET / HTTP/9.9\r\n\r\n", /^HTTP\/1\.1 (400|505)/],
    ["GET / HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400/],
    [`GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, /^HTTP\/1\.1 4(14|31)/],
    [
      "TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 (404|405|501)/,
    ],
    [
      "GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
      /^HTTP\/1\.1 404/,
    ],
    [
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n",
      /^HTTP\/1\.1 200/,
    ],
    [upgradeRequest.replace("13", "12"), /^HTTP\/1\.1 426 [^]*Sec-WebSocket-Version: 13/],
  ];
  for (const [request, answer] of requests) {
    const got = await answerTo(port, [Buffer.from(request)], { hangsUp: true });
    assert.match(got.toString("latin1"), answer);
  }
});
