import { jsonErrorTable } from "../../../packages/omnibus/src/adapters/json/error-table.ts";
import {
  malformedFrames,
  SeededRandom,
  utf8,
} from "../../../packages/omnibus/src/testing/index.ts";
import type { Row, RowContext } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { Bystander } from "../stage/bystander.ts";
import { hostileFrame, spoilt } from "../stage/hostile-input.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { authFrame, type Carrier, helloFrame, NativeByHand } from "../stage/native-by-hand.ts";
import { RawConnection, upgradeRequest } from "../stage/raw-connection.ts";

const inputsOf = { 0: 1000, 1: 10_000 } as const;
const atOnce = 20;

/** One listener: sends one malformed input and tells how it was answered, `FAULT ...` for what must not be. */
interface Target {
  readonly name: string;
  readonly attack: (server: BatteryServer, random: SeededRandom, n: number) => Promise<string>;
}

/** Malformed input against every live listener; who is not meant must not notice. */
export const malformedRow: Row = {
  name: "malformed",
  what: "malformed frames, JSON and HTTP against each live listener: no crash, no stall over 50 ms, others unaffected",
  tiers: { 0: "1,000 for each listener", 1: "10,000 for each listener" },
  isQuick: true,
  run: runMalformed,
};

async function runMalformed({ tier, isTest, progress }: RowContext): ReturnType<Row["run"]> {
  await using server = await BatteryServer.start({ args: ["--log-level", "warn"] });
  await using bystander = await Bystander.start(server);
  const observed: string[] = [];
  const faults: string[] = [];
  let count = 0;
  for (const target of targets) {
    const answers = new Map<string, number>();
    for (let n = 0; n < inputsOf[tier]; n += atOnce) {
      progress(`${target.name}, ${n} of ${inputsOf[tier]}`);
      const seeds = Array.from({ length: atOnce }, (_, at) => n + at);
      await Promise.all(
        seeds.map(async (seed) => {
          const answer = await target.attack(server, new SeededRandom(seed + 1), seed);
          answers.set(answer, (answers.get(answer) ?? 0) + 1);
          if (answer.startsWith("FAULT"))
            faults.push(`${target.name}, seed ${seed + 1}: ${answer}`);
        }),
      );
      count += seeds.length;
    }
    const told = [...answers]
      .toSorted(([, a], [, b]) => b - a)
      .map(([answer, times]) => `${answer} ${times}`);
    observed.push(`${target.name}: ${told.join(", ")}`);
    faults.push(...(await server.faults()).map((fault) => `after ${target.name}: ${fault}`));
  }
  const { seen, faults: stalls } = await bystander.end({ areTimesJudged: !isTest });
  observed.push(seen);
  faults.push(...stalls);
  await server
    .waitForMetric("connections", (open) => open === 0)
    .catch((error: unknown) => faults.push(`connections are left: ${String(error)}`));
  return { count, unit: "malformed inputs", observed, faults };
}

const targets: readonly Target[] = [
  { name: "native tcp", attack: (...of) => attackNative("tcp", ...of) },
  { name: "native WebSocket", attack: (...of) => attackNative("ws", ...of) },
  { name: "JSON WebSocket", attack: attackJson },
  { name: "HTTP", attack: attackHttp },
];

async function attackNative(
  carrier: Carrier,
  server: BatteryServer,
  random: SeededRandom,
  n: number,
): Promise<string> {
  if (carrier === "ws" && n % 4 === 0) return attackWebSocket(server, random, "omnibus.v1");
  const isInside = n % 2 === 1;
  const peer = isInside
    ? await NativeByHand.enter(server.port, carrier, server.token)
    : await NativeByHand.open(server.port, carrier);
  const greeting = n % 4 === 0 ? [] : [random.pick([helloFrame, authFrame(server.token)])];
  peer.send(
    ...(isInside
      ? Array.from({ length: 1 + random.integer(5) }, () => hostileFrame(random))
      : [...greeting.map((good) => spoilt(random, good)), random.bytes(1 + random.integer(200))]),
  );
  await peer.connection.hangUp();
  const last = peer.heard().findLast((line) => /^(bye|unreadable)/.test(line));
  if (last === undefined) return "no answer";
  return /internal|unreadable/.test(last) ? `FAULT ${last}` : last;
}

/** What is wrong already as a WebSocket; the close code is known. */
async function attackWebSocket(
  server: BatteryServer,
  random: SeededRandom,
  subprotocol?: string,
): Promise<string> {
  // The server's own limit of fragments is higher than that of the cases (1008).
  // A native link has room for the largest message and more, and looks at no text.
  const unlike = subprotocol === undefined ? [1008] : [1007, 1008, 1009];
  const cases = malformedFrames.filter(
    ([, { role }, , code]) => role === "server" && !unlike.includes(code),
  );
  const [name, , bytes, code] = random.pick(cases);
  const connection = await RawConnection.open(server.port);
  connection.send(upgradeRequest(subprotocol), bytes);
  await connection.closed;
  const got = closeCodeOf(connection.answer);
  return got === code ? `close ${code}` : `FAULT ${name} closes with ${got}, not ${code}`;
}

/** The code of the close frame; other frames may stand before it. */
function closeCodeOf(answer: Buffer): number | undefined {
  let at = answer.indexOf("\r\n\r\n") + 4;
  while (at + 4 <= answer.length) {
    if (answer[at] === 0x88) return answer.readUInt16BE(at + 2);
    const short = answer[at + 1] ?? 0;
    at += short < 126 ? 2 + short : 4 + answer.readUInt16BE(at + 2);
  }
  return undefined;
}

const goodTexts: readonly string[] = [
  `{"type":"subscribe","topic":"battery/a","replay":1}`,
  `{"type":"unsubscribe","topic":"battery/a"}`,
  `{"type":"publish","topic":"battery/a","payload":{"a":[1,2,"\\u00e4"]},"qos":1,"message_id":"x"}`,
  `{"type":"ack","message_id":"x","topic":"battery/a"}`,
];

async function attackJson(server: BatteryServer, random: SeededRandom, n: number): Promise<string> {
  if (n % 10 === 0) return attackWebSocket(server, random);
  using peer = await JsonPeer.open(server.port, server.token);
  const text =
    n % 10 === 1
      ? random.pick(["[".repeat(10_000), `{"type":${"{".repeat(1000)}`, `"${"\\".repeat(5000)}`])
      : Buffer.from(spoilt(random, utf8(random.pick(goodTexts)))).toString("utf8");
  peer.say(text);
  peer.say({ type: "unsubscribe", topic: "battery/sentinel", confirm: true });
  let answer = "no answer";
  for (;;) {
    const said = await peer.heard.next();
    if (said["type"] === "confirmed" && said["topic"] === "battery/sentinel") return answer;
    if (said["type"] === "closed")
      return `FAULT closed with ${String(said["code"])} by ${text.slice(0, 80)}`;
    if (said["type"] !== "error") continue;
    const code = String(said["code"]);
    const isTyped = Object.hasOwn(jsonErrorTable, code) && code !== "internal";
    if (!isTyped) return `FAULT ${code} for ${text.slice(0, 80)}`;
    answer = code;
  }
}

const goodRequests: readonly string[] = [
  "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello",
  upgradeRequest(),
];

async function attackHttp(server: BatteryServer, random: SeededRandom, n: number): Promise<string> {
  const connection = await RawConnection.open(server.port);
  const good = utf8(random.pick(goodRequests));
  const bytes =
    n % 5 === 0
      ? new Uint8Array([0x47, ...random.bytes(random.integer(200))])
      : spoilt(random, good);
  connection.send(bytes);
  const answer = (await connection.hangUp()).toString("latin1");
  const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "no answer";
  return status === "500"
    ? `FAULT 500 for ${Buffer.from(bytes).toString("latin1").slice(0, 80)}`
    : status;
}
