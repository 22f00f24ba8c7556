import { sleepMs } from "../../../packages/bench/src/harness/monotonic.ts";
import {
  joinBytes,
  maskedFrame,
  plainFrame,
  utf8,
} from "../../../packages/omnibus/src/testing/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { authFrame, helloFrame, NativeByHand } from "../stage/native-by-hand.ts";
import { RawConnection, upgradeRequest } from "../stage/raw-connection.ts";

/** Long enough for the first piece to be read before the second comes. */
const pauseMs = 15;
const atOnce = 20;

interface Stream {
  readonly name: string;
  readonly bytes: (token: string) => Uint8Array;
  /** Part of what is answered when all was understood. */
  readonly answer: RegExp;
  readonly answerOf: (connection: RawConnection) => string;
}

const streams: readonly Stream[] = [
  {
    name: "the native handshake",
    bytes: (token) => joinBytes(helloFrame, authFrame(token)),
    answer: /^ready/m,
    answerOf: (connection) => NativeByHand.over(connection, "tcp").heard().join("\n"),
  },
  {
    name: "a WebSocket with JSON",
    bytes: (token) => {
      const auth = Buffer.from(JSON.stringify({ type: "auth", token }));
      return joinBytes(utf8(upgradeRequest()), maskedFrame(plainFrame(0x81, auth)));
    },
    answer: /"authenticated"/,
    answerOf: ({ answer }) => answer.toString("latin1"),
  },
];

/** What comes in two pieces means the same as in one, wherever it is cut, at the live listeners. */
export const liveSplitsRow: Row = {
  name: "live-splits",
  what: "handshakes cut in two at every byte are understood by the live listeners",
  tiers: { 0: "every byte", 1: "every byte" },
  isQuick: false,
  run: async ({ progress }) => {
    await using server = await BatteryServer.start({ args: ["--log-level", "error"] });
    const faults: string[] = [];
    const observed: string[] = [];
    let count = 0;
    for (const stream of streams) {
      const bytes = stream.bytes(server.token);
      const bad: number[] = [];
      for (let first = 1; first < bytes.length; first += atOnce) {
        progress(`${stream.name}, ${first} of ${bytes.length}`);
        const cuts = Array.from(
          { length: Math.min(atOnce, bytes.length - first) },
          (_, n) => first + n,
        );
        await Promise.all(
          cuts.map(async (cut) => {
            if (!(await isUnderstood(server, stream, bytes, cut))) bad.push(cut);
          }),
        );
        count += cuts.length;
      }
      observed.push(`${stream.name}: ${bytes.length - 1} cuts, ${bad.length} not understood`);
      if (bad.length > 0) faults.push(`${stream.name} is not understood when cut at ${bad.join()}`);
    }
    faults.push(...(await server.faults()));
    return { count, unit: "cuts", observed, faults };
  },
};

async function isUnderstood(
  server: BatteryServer,
  { answer, answerOf }: Stream,
  bytes: Uint8Array,
  cut: number,
): Promise<boolean> {
  const connection = await RawConnection.open(server.port);
  connection.socket.setNoDelay(true);
  connection.send(bytes.subarray(0, cut));
  await sleepMs(pauseMs);
  connection.send(bytes.subarray(cut));
  while (!answer.test(answerOf(connection)) && !connection.socket.closed) {
    if (/bye/.test(answerOf(connection))) break;
    await connection.more();
  }
  connection.socket.destroy();
  return answer.test(answerOf(connection));
}
