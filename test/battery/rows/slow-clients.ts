import { maskedFrame, plainFrame, utf8 } from "../../../packages/omnibus/src/testing/index.ts";
import { sampleFrame } from "../stage/sample-frame.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { helloFrame, NativeByHand } from "../stage/native-by-hand.ts";
import { RawConnection, upgradeRequest } from "../stage/raw-connection.ts";

/** The limits in seconds, and how often a byte comes: those of the product, or smaller ones. */
interface Pace {
  readonly firstByteSecs: number;
  readonly authSecs: number;
  readonly frameSecs: number;
  readonly everyMs: number;
}

const paces = {
  0: { firstByteSecs: 2, authSecs: 2, frameSecs: 4, everyMs: 500 },
  1: { firstByteSecs: 10, authSecs: 10, frameSecs: 30, everyMs: 5000 },
} as const;
/** Fixed: HTTP headers and TLS. */
const fixedSecs = 10;
const toleranceSecs = 2;
const givenUpSecs = 60;
/** A native goodbye with `timeout`, a close frame, an HTTP answer that refuses. */
const timeoutSaid = /\[timeout\]|\x88[\x02-\x7d]\x11\x38|^HTTP\/1\.1 4/;

interface SlowClient {
  readonly name: string;
  readonly limitSecs: (pace: Pace) => number;
  /** Opens it as far as it is quick; returns what it then sends byte by byte. */
  readonly open: (server: BatteryServer) => Promise<readonly [RawConnection, Uint8Array]>;
  readonly hasTls?: boolean;
  /** Its limit has no setting and is long: tier 1 only. */
  readonly isLong?: boolean;
}

const nothing = new Uint8Array(0);

async function upgraded(server: BatteryServer, subprotocol?: string): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port);
  connection.send(upgradeRequest(subprotocol));
  await connection.sees(/\r\n\r\n/);
  return connection;
}

const clients: readonly SlowClient[] = [
  {
    name: "a connection that says nothing",
    limitSecs: ({ firstByteSecs }) => firstByteSecs,
    open: async ({ port }) => [await RawConnection.open(port), nothing],
  },
  {
    name: "a native hello, byte by byte",
    limitSecs: ({ authSecs }) => authSecs,
    open: async ({ port }) => [await RawConnection.open(port), helloFrame],
  },
  {
    name: "a native hello, and then nothing",
    limitSecs: ({ authSecs }) => authSecs,
    open: async ({ port }) => {
      const peer = await NativeByHand.open(port, "tcp");
      peer.send(helloFrame);
      return [peer.connection, nothing];
    },
  },
  {
    name: "a native WebSocket that says nothing",
    limitSecs: ({ authSecs }) => authSecs,
    open: async (server) => [await upgraded(server, "omnibus.v1"), nothing],
  },
  {
    name: "HTTP headers, byte by byte",
    limitSecs: () => fixedSecs,
    open: async ({ port }) => [
      await RawConnection.open(port),
      utf8(`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${"x".repeat(200)}`),
    ],
  },
  {
    name: "the request for a WebSocket, byte by byte",
    limitSecs: () => fixedSecs,
    open: async ({ port }) => [
      await RawConnection.open(port),
      utf8(upgradeRequest().replace("\r\n\r\n", `\r\nX-Long: ${"x".repeat(200)}`)),
    ],
  },
  {
    name: "a TLS handshake, byte by byte",
    limitSecs: () => fixedSecs,
    hasTls: true,
    open: async ({ port }) => [
      await RawConnection.open(port),
      Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, ...new Uint8Array(200)),
    ],
  },
  {
    name: "a JSON client that never authenticates",
    limitSecs: ({ authSecs }) => authSecs,
    open: async (server) => [await upgraded(server), nothing],
  },
  {
    name: "a WebSocket frame of JSON, byte by byte",
    limitSecs: ({ frameSecs }) => frameSecs,
    open: async (server) => {
      const connection = await upgraded(server);
      const auth = JSON.stringify({ type: "auth", token: server.token });
      connection.send(maskedFrame(plainFrame(0x81, Buffer.from(auth))));
      await connection.sees(/authenticated/);
      return [connection, maskedFrame(plainFrame(0x81, Buffer.alloc(200, " ")))];
    },
  },
  {
    name: "a WebSocket frame of the native protocol, byte by byte",
    limitSecs: ({ frameSecs }) => frameSecs,
    open: async (server) => {
      const peer = await NativeByHand.enter(server.port, "ws", server.token);
      return [peer.connection, maskedFrame(plainFrame(0x82, Buffer.alloc(200)))];
    },
  },
  {
    name: "a native frame, byte by byte",
    limitSecs: ({ frameSecs }) => frameSecs,
    isLong: true,
    open: async (server) => {
      const peer = await NativeByHand.enter(server.port, "tcp", server.token);
      return [peer.connection, sampleFrame];
    },
  },
];

/** Who is slow on purpose is cut, and costs nobody anything. */
export const slowClientsRow: Row = {
  name: "slow-clients",
  what: "bytes that trickle and connections that say nothing are cut: handshakes in 10 s, frames in 30 s, or as the settings say",
  tiers: { 0: "shorter settings where there are some", 1: "the defaults, 1 byte per 5 s" },
  isQuick: false,
  run: async ({ tier, progress }) => {
    const pace = paces[tier];
    const config = `broker.auth_timeout_secs = ${pace.authSecs}\nbroker.first_byte_timeout_secs = ${pace.firstByteSecs}\nbroker.frame_timeout_secs = ${pace.frameSecs}\n`;
    await using plain = await BatteryServer.start({ config });
    await using secure = await BatteryServer.start({ config, hasTls: true });
    const chosen = clients.filter(({ isLong }) => tier === 1 || isLong !== true);
    progress(`${chosen.length} at once`);
    const results = await Promise.all(
      chosen.map(async (client) => {
        const server = client.hasTls === true ? secure : plain;
        const secs = await secondsUntilCut(client, server, pace);
        return { name: client.name, secs, limitSecs: client.limitSecs(pace) };
      }),
    );
    // Much too early is as wrong as too late: it was ended for something else.
    const faults = results
      .filter(({ secs, limitSecs }) => secs > limitSecs + toleranceSecs || secs < limitSecs / 2)
      .map(({ name, secs, limitSecs }) =>
        secs >= givenUpSecs
          ? `${name} is not cut in ${givenUpSecs} s`
          : `${name} is cut after ${secs.toFixed(1)} s, not ${limitSecs}`,
      );
    faults.push(...(await plain.faults()));
    const observed = results.map(({ name, secs }) => `${name}: ${secs.toFixed(1)} s`);
    return { count: results.length, unit: "slow clients", observed, faults };
  },
};

async function secondsUntilCut(
  client: SlowClient,
  server: BatteryServer,
  pace: Pace,
): Promise<number> {
  const [connection, bytes] = await client.open(server);
  const began = performance.now();
  let at = 0;
  const sendOne = (): void => {
    if (at < bytes.length - 1) connection.send(bytes.subarray(at, ++at));
  };
  // The first at once: a frame takes so long from its first byte.
  sendOne();
  const timer = setInterval(sendOne, pace.everyMs);
  const giveUp = setTimeout(() => connection.socket.destroy(), givenUpSecs * 1000);
  // A goodbye, a close frame or an HTTP answer is the end: who does not answer it is left to the kernel.
  const isOver = connection.sees(timeoutSaid);
  await Promise.race([isOver, connection.closed]);
  const secs = (performance.now() - began) / 1000;
  clearInterval(timer);
  clearTimeout(giveUp);
  connection.socket.destroy();
  return secs;
}
