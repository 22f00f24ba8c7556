import { forgedJwt, hs256, jwtAttacks } from "../../../packages/omnibus/src/testing/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { authFrame, helloFrame, NativeByHand } from "../stage/native-by-hand.ts";

const secret = "the secret of the battery's server, 32 bytes and more";

/** By listener: whether a token gets in. */
const doors: Readonly<Record<string, (port: number, token: string) => Promise<boolean>>> = {
  JSON: async (port, token) => {
    using peer = await JsonPeer.open(port);
    const answer = await peer.ask({ type: "auth", token });
    return answer["type"] === "authenticated";
  },
  "native tcp": (port, token) => entersByHand(port, "tcp", token),
  "native WebSocket": (port, token) => entersByHand(port, "ws", token),
};

async function entersByHand(port: number, carrier: "tcp" | "ws", token: string): Promise<boolean> {
  const peer = await NativeByHand.open(port, carrier);
  // What is larger than the handshake's limit cannot even be written as one.
  if (Buffer.byteLength(token) < 60_000) peer.send(helloFrame, authFrame(token));
  else peer.send(helloFrame, Buffer.concat([Buffer.from("0080897a", "hex"), Buffer.from(token)]));
  await peer.hears(/^(ready|bye)/m);
  const isIn = peer.heard().some((line) => line.startsWith("ready"));
  peer.connection.socket.destroy();
  return isIn;
}

/** Forged tokens at every door of a live server. */
export const jwtRow: Row = {
  name: "jwt-attacks",
  what: "forged JWTs, each family in at least five forms, at each listener: none accepted",
  tiers: { 0: "the whole table", 1: "the whole table" },
  isQuick: true,
  run: async ({ progress }) => {
    await using server = await BatteryServer.start({
      config: `server.jwt_secret = ${JSON.stringify(secret)}\n`,
      args: ["--log-level", "warn"],
    });
    const nowSecs = Math.floor(Date.now() / 1000);
    const families = jwtAttacks({ secret, nowSecs, marginSecs: 1000 });
    const faults: string[] = [];
    let count = 0;
    // A door that lets nobody in would pass: a good token comes first and last.
    const good = forgedJwt(hs256, { sub: "admin", exp: nowSecs + 3600 }, secret);
    for (const [door, enters] of Object.entries(doors)) {
      for (const [family, tokens] of Object.entries(families)) {
        progress(`${family} at ${door}`);
        if (tokens.length < 5) faults.push(`${family} has only ${tokens.length} forms`);
        for (const [form, token] of tokens.entries()) {
          count++;
          if (await enters(server.port, token))
            faults.push(`${door} takes ${family}, form ${form}`);
        }
      }
      if (!(await enters(server.port, good))) faults.push(`${door} refuses a good token`);
    }
    faults.push(...(await server.faults()));
    const observed = [
      `${Object.keys(families).length} families at ${Object.keys(doors).length} listeners`,
    ];
    return { count, unit: "forged tokens", observed, faults };
  },
};
