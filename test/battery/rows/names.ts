import { readdirSync } from "node:fs";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import type { Row } from "../row.ts";
import { BatteryServer } from "../stage/battery-server.ts";
import { JsonPeer } from "../stage/json-peer.ts";
import { RawConnection } from "../stage/raw-connection.ts";

const traversals: readonly string[] = [
  "..",
  "../",
  "../../etc/passwd",
  "../../../../../../../../etc/passwd",
  "/etc/passwd",
  "..\\..\\windows\\win.ini",
  "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "..%2f..%2fetc%2fpasswd",
  "..%252f..%252fetc%252fpasswd",
  "%c0%ae%c0%ae%c0%afetc%c0%afpasswd",
  "....//....//etc/passwd",
  "..;/etc/passwd",
  ".",
  "./",
  "~",
  "~/.ssh/id_rsa",
  "file:///etc/passwd",
  "\\\\host\\share",
  "C:\\",
  "data/jwt-secret",
  "../data/jwt-secret",
  "jwt-secret",
  "config/default.toml",
  ".env",
  "CON",
  "nul",
  "aux.txt",
];
const prototypes: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "__proto__/polluted",
  "constructor/prototype",
  "then",
  "toJSON",
  "length",
];
const strange: readonly string[] = [
  "",
  " ",
  " a",
  "a ",
  "a b",
  "\t",
  "a\nb",
  "a\r\nSet-Cookie: x=y",
  "a//b",
  "/a",
  "a/",
  "*",
  "**",
  "a/*",
  "a/**/b",
  "a*",
  "$sys",
  "$SYS/broker",
  "\u0000",
  "a\u0000b",
  "a/\u0000",
  "\ud800",
  "a\udfff",
  "\ufeffa",
  "\u202egnp.exe",
  "\u200b",
  "ａ",
  "ä".normalize("NFD"),
  "😀",
  "a".repeat(1024),
  "a".repeat(1025),
  "ü".repeat(512),
  "ü".repeat(513),
  "a".repeat(65_536),
  "a/".repeat(500) + "a",
  "%",
  "%00",
  "%_",
  "%41",
  "' OR 1=1 --",
  "${jndi:ldap://x}",
  "{{7*7}}",
  "<script>alert(1)</script>",
  "`id`",
  "$(id)",
  "a;b",
  "a|b",
  "a&b",
  "0",
  "-1",
  "NaN",
  "null",
  "undefined",
  "true",
  "false",
  "Infinity",
  "a\u2028b",
  "a\u2029b",
  "\u0301",
  "a/../b",
  "a/./b",
  "a/~/b",
];
const controls: readonly string[] = Array.from(
  { length: 33 },
  (_, code) => `c${String.fromCharCode(code)}d`,
);
const moreControls: readonly string[] = Array.from(
  { length: 33 },
  (_, n) => `c${String.fromCharCode(127 + n)}d`,
);
const inside: readonly string[] = [...traversals, ...prototypes]
  .slice(0, 36)
  .map((name) => `a/${name}/b`);

/** Names that somebody would rather not meet. */
export const hostileNames: readonly string[] = [
  ...traversals,
  ...prototypes,
  ...strange,
  ...controls,
  ...moreControls,
  ...inside,
];

/** Each as a topic of either protocol, a user and a path: a plain name or a clear error. */
export const namesRow: Row = {
  name: "names",
  what: "200 hostile names as topics, users and paths: plain names or a clear error; no file but the data folder's own is made or shown",
  tiers: { 0: "all", 1: "all" },
  isQuick: true,
  run: async ({ isTest, progress }) => {
    await using server = await BatteryServer.start({ args: ["--log-level", "warn"] });
    const before = filesOf(server);
    const faults: string[] = [];
    if (hostileNames.length < 200) faults.push(`only ${hostileNames.length} names`);
    progress("as topics of JSON clients");
    faults.push(...(await asJsonTopics(server)));
    progress("as topics of programs");
    faults.push(...(await asNativeTopics(server)));
    progress("as users");
    // Each costs a password's hash.
    const users = hostileNames.filter((_, at) => !isTest || at % 10 === 0);
    faults.push(...(await asUsers(server, users)));
    progress("as paths");
    faults.push(...(await asPaths(server)));
    const after = filesOf(server);
    if (after !== before) faults.push(`files were ${before} and are ${after}`);
    if ("polluted" in {}) faults.push("this process's prototypes are polluted");
    faults.push(...(await server.faults()));
    const observed = [`${hostileNames.length} names in 3 places, ${users.length} as users`];
    return {
      count: hostileNames.length * 3 + users.length,
      unit: "uses of a name",
      observed,
      faults,
    };
  },
};

function filesOf({ home }: BatteryServer): string {
  return readdirSync(home.path, { recursive: true }).map(String).toSorted().join();
}

async function asJsonTopics(server: BatteryServer): Promise<string[]> {
  const faults: string[] = [];
  using peer = await JsonPeer.open(server.port, server.token);
  for (const [n, topic] of hostileNames.entries()) {
    const answer = await peer.ask({ type: "subscribe", topic, replay: 0, confirm: true });
    if (answer["type"] === "error") {
      if (answer["code"] !== "bad-topic" && answer["code"] !== "denied") {
        faults.push(`JSON topic ${shown(topic)}: ${JSON.stringify(answer)}`);
      }
      continue;
    }
    const isPattern = /(^|\/)\*\*?(\/|$)/.test(topic);
    const published = await peer.ask({ type: "publish", topic, payload: n });
    if (
      isPattern
        ? published["code"] !== "bad-topic"
        : published["topic"] !== topic || published["payload"] !== n
    ) {
      faults.push(
        `JSON topic ${shown(topic)} comes back as ${JSON.stringify(published).slice(0, 200)}`,
      );
    }
    await peer.ask({ type: "unsubscribe", topic, confirm: true });
  }
  return faults;
}

async function asNativeTopics(server: BatteryServer): Promise<string[]> {
  const faults: string[] = [];
  const { token } = server;
  await using bus = await openBus({ connect: server.url, credentials: { kind: "token", token } });
  bus.on("error", () => {});
  for (const [n, topic] of hostileNames.entries()) {
    let heard: unknown;
    try {
      const subscription = bus.subscribe(
        topic,
        (message) => (heard = [message.topic, message.value]),
      );
      await subscription.ready.catch((error: unknown) => {
        if (!(error instanceof OmnibusError && error.code === "denied")) throw error;
      });
      bus.publish(topic, n);
      await bus.flush();
      await subscription.close();
      const isRight = Array.isArray(heard) && heard[0] === topic && heard[1] === n;
      // The system's topics may not be used by everybody.
      if (!isRight && !topic.startsWith("$"))
        faults.push(`topic ${shown(topic)} comes back as ${JSON.stringify(heard)}`);
    } catch (error) {
      if (error instanceof OmnibusError && ["bad-topic", "denied"].includes(error.code)) continue;
      faults.push(`topic ${shown(topic)}: ${String(error)}`);
    }
  }
  return faults;
}

async function asUsers(server: BatteryServer, users: readonly string[]): Promise<string[]> {
  const faults: string[] = [];
  for (const username of users) {
    using peer = await JsonPeer.open(server.port);
    const answer = await peer.ask({ type: "login", username, password: "password" });
    if (answer["code"] !== "invalid-credentials") {
      faults.push(`user ${shown(username)}: ${JSON.stringify(answer).slice(0, 200)}`);
    }
  }
  return faults;
}

async function asPaths(server: BatteryServer): Promise<string[]> {
  const faults: string[] = [];
  const secret = server.token;
  for (const name of hostileNames) {
    const connection = await RawConnection.open(server.port);
    connection.send(`GET /${name} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    const answer = (await connection.hangUp()).toString("latin1");
    const status = /^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? "none";
    // What a client normalizes to the page itself is the page.
    const isGood =
      ["400", "404", "414", "431"].includes(status) ||
      (status === "200" && answer.includes("<title"));
    if (!isGood) faults.push(`path ${shown(name)} is answered with ${status}`);
    if (
      /root:.*:0:0:/.test(answer) ||
      answer.includes(secret) ||
      /^set-cookie/im.test(answer.split("\r\n\r\n")[0] ?? "")
    ) {
      faults.push(`path ${shown(name)} shows what it must not`);
    }
  }
  return faults;
}

function shown(name: string): string {
  return JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}...` : name);
}
