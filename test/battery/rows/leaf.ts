import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import { encodeInterest } from "../../../packages/omnibus/src/session/handshake.ts";
import { controlRun, utf8 } from "../../../packages/omnibus/src/testing/index.ts";
import { runType } from "../../../packages/omnibus/src/wire/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { type Carrier, frameOf, NativeByHand } from "../stage/native-by-hand.ts";

import { forbidden, type Lie, lies, topic, victimNode } from "../stage/lies.ts";

const everything = { isAdded: true, pattern: "**", realm: "global", replay: 0 } as const;
const leafToken = "leaf-token-of-the-battery";
const config = `
[server]
tokens = [{ token = "${leafToken}", name = "leaf", publish = ["leaf/**"], subscribe = ["leaf/**"] }]
`;

/** What a leaf says of others is not believed, and what contradicts itself is not delivered. */
export const leafRow: Row = {
  name: "lying-leaf",
  what: "a leaf that sends adverts, foreign sources and entry nodes, lying counts and lengths: none accepted, no other session lost",
  tiers: { 0: "every lie over tcp and WebSocket", 1: "the same" },
  isQuick: true,
  run: async ({ progress }) => {
    await using server = await BatteryServer.start({ config, args: ["--log-level", "warn"] });
    const faults: string[] = [];
    let count = 0;
    for (const carrier of ["tcp", "ws"] as const) {
      for (const lie of lies) {
        progress(`${lie.name} over ${carrier}`);
        const found = await tell(server, carrier, lie);
        faults.push(...found.map((fault) => `${lie.name} over ${carrier}: ${fault}`));
        count++;
      }
    }
    faults.push(...(await server.faults()));
    const malformed = await server.metric("runs_malformed_total");
    const observed = [
      `${lies.length} lies over 2 carriers`,
      `the server counted ${malformed} malformed runs`,
    ];
    return { count, unit: "lies", observed, faults };
  },
};

/** Tells a lie of the table by its name; what was wrong with what came of it. */
export async function tellLie(name: string): Promise<string[]> {
  const lie = lies.find((one) => one.name === name);
  if (lie === undefined) throw new Error(`no such lie: ${name}`);
  await using server = await BatteryServer.start({ config, args: ["--log-level", "warn"] });
  return await tell(server, "tcp", lie);
}

/** One lie, with witnesses of each kind that see all there is to see, and go on seeing it. */
async function tell(server: BatteryServer, carrier: Carrier, lie: Lie): Promise<string[]> {
  const faults: string[] = [];
  const { port, token } = server;
  await using native = await openBus({
    connect: server.url,
    credentials: { kind: "token", token },
    strict: false,
  });
  const heard: unknown[] = [];
  let missed = 0;
  const isLost = { value: false };
  native.on("disconnected", () => (isLost.value = true));
  native.on("error", () => {}); // damaged bodies are told there
  const subscription = native.subscribe("**", (one) => {
    missed += one.missed;
    heard.push(`${one.topic} ${String(one.value)} ${one.isReplay ? "replay" : "live"}`);
  });
  await subscription.ready;
  const byHand = await NativeByHand.enter(port, "tcp", token);
  byHand.send(frameOf(controlRun(runType.interest, encodeInterest(everything))));
  using json = await JsonPeer.open(port, token);
  await json.ask({ type: "subscribe", topic: "**", replay: 0, confirm: true });

  const leaf = await NativeByHand.enter(port, carrier, leafToken);
  leaf.send(...lie.frames, frameOf(controlRun(runType.ping, utf8("still there"))));
  await leaf.hears(/^(bye|pong)/m);
  const end = leaf.heard().findLast((line) => /^(bye|pong)/.test(line)) ?? "nothing";
  const expected = lie.ends === "kept" ? /^pong/ : new RegExp(`^bye ${lie.ends}$`);
  if (!expected.test(end)) faults.push(`is answered with ${end}, not ${lie.ends}`);
  leaf.connection.socket.destroy();

  // A message behind all that came of it, from the witness itself, to each witness.
  json.say({ type: "publish", topic, payload: "after" });
  json.say({ type: "publish", topic: forbidden, payload: "after" });
  const jsonHeard: string[] = [];
  for (;;) {
    const said = await json.heard.next();
    if (said["type"] === "closed") return [...faults, "the JSON witness was cut off"];
    jsonHeard.push(`${String(said["topic"])} ${JSON.stringify(said["payload"])}`);
    if (said["missed"] !== undefined)
      faults.push(`the JSON witness is told of ${JSON.stringify(said["missed"])} missed`);
    if (said["topic"] === forbidden) break;
  }
  await native.flush();
  await byHand.hears(
    new RegExp(
      `${Buffer.from('"after"').toString("hex")}[^]*${Buffer.from('"after"').toString("hex")}`,
    ),
  );

  const times = heard.filter((one) => String(one).includes("evil")).length;
  const jsonTimes = jsonHeard.filter((one) => one.includes("evil")).length;
  const wanted = lie.delivered === "to all" ? 1 : 0;
  const jsonWanted = lie.delivered === undefined ? 0 : 1;
  if (times !== wanted) faults.push(`the native witness got it ${times} times, not ${wanted}`);
  if (jsonTimes !== jsonWanted) {
    faults.push(`the JSON witness got it ${jsonTimes} times, not ${jsonWanted}`);
  }
  if (heard.some((one) => String(one).endsWith("replay"))) faults.push("it came as history");
  if (missed > 0) faults.push(`the native witness is told of ${missed} missed`);
  if (isLost.value) faults.push("the native witness lost its session");
  const raw = byHand.heard().join("\n");
  if (raw.includes(Buffer.from(victimNode).toString("hex")))
    faults.push("the node that it named is passed on");
  if (/ (entry|chosen|logPosition|more)=/.test(raw))
    faults.push(`its hop header is passed on: ${raw}`);
  byHand.connection.socket.destroy();
  return faults;
}
