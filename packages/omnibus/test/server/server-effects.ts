import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt, SignJWT } from "jose";
import { generate } from "selfsigned";
import { WebSocket } from "ws";
import {
  createLogger,
  hashPassword,
  type SettingKey,
  systemRandom,
} from "../../src/server/index.ts";
import { type Effect, maySubscribe, subscribe } from "./effect.ts";
import type { ServerStage } from "./server-stage.ts";

/** For each setting of the server, what is seen when it is changed. The type makes the list complete. */
export const serverEffects: Readonly<Record<Extract<SettingKey, `server.${string}`>, Effect>> = {
  "server.host": async (stage) => {
    const server = await stage.start({ "server.host": "localhost" });
    assert.match(server.url, /^ws:\/\/localhost:\d+$/);
    await stage.connect();
  },
  "server.port": async (stage) => {
    const { port } = await stage.start();
    await stage.server.close();
    assert.equal((await stage.start({ "server.port": port })).port, port);
  },
  "server.jwt_secret": async (stage) => {
    const secret = "a secret of more than thirty-two bytes";
    await stage.start({ "server.jwt_secret": secret });
    const token = await new SignJWT({ sub: "ada" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime(stage.clock.wallMs() / 1000 + 60)
      .sign(new TextEncoder().encode(secret));
    const client = await stage.connect();
    assert.equal((await client.ask({ type: "auth", token }))["type"], "authenticated");
  },
  "server.jwt_expiry_secs": async (stage) => {
    await stage.start({ "server.jwt_expiry_secs": 100 });
    const client = await stage.connect();
    const said = await client.ask({ type: "login", username: "admin", password: "password" });
    const { exp } = decodeJwt(String(said["token"]));
    assert.equal(exp, stage.clock.wallMs() / 1000 + 100);
  },
  "server.tokens": async (stage) => {
    await stage.start({ "server.tokens": ["open sesame"] });
    const client = await stage.connect();
    assert.equal(
      (await client.ask({ type: "auth", token: "open sesame" }))["type"],
      "authenticated",
    );
  },
  "server.users": async (stage) => {
    const cost = { ln: 10, r: 8, p: 1 };
    const password_hash = await hashPassword("correct horse", systemRandom, cost);
    await stage.start({ "server.users": { ada: { password_hash } } });
    const client = await stage.connect();
    const login = { type: "login", username: "ada", password: "correct horse" };
    assert.equal((await client.ask(login))["type"], "login_response");
    const old = await client.ask({ type: "login", username: "admin", password: "password" });
    assert.equal(old["type"], "error");
  },
  "server.roles": async (stage) => {
    await stage.start({
      "server.roles": { guest: { subscribe: ["open/**"] } },
      "server.tokens": [{ token: "a guest's token", roles: ["guest"] }],
    });
    const client = await stage.enter("a guest's token");
    assert.equal(await maySubscribe(client, "open/a"), true);
    assert.equal(await maySubscribe(client, "closed/a"), false);
  },
  "server.anonymous": async (stage) => {
    await stage.start({ "server.anonymous": { subscribe: ["open/**"] } });
    const client = await stage.connect();
    assert.equal(await maySubscribe(client, "open/a"), true);
    assert.equal(await maySubscribe(client, "closed/a"), false);
  },
  "server.allow_origins": async (stage) => {
    await stage.start({ "server.allow_origins": ["https://app.example.com"] });
    await stage.connect({ origin: "https://app.example.com" });
    const other = new WebSocket(stage.server.url, { origin: "https://other.example.com" });
    other.on("error", () => {});
    const [, response] = (await once(other, "unexpected-response")) as [
      unknown,
      { statusCode: number },
    ];
    assert.equal(response.statusCode, 403);
  },
  "server.tls_cert": (stage) => servesTls(stage),
  "server.tls_key": (stage) => servesTls(stage),
  "server.timestamps": async (stage) => {
    await stage.start({ "server.timestamps": "s" });
    const client = await stage.enter();
    await client.ask(subscribe("a"));
    stage.server.bus.publish("a", 1);
    const said = await client.heard.next();
    assert.equal(said["timestamp"], Math.floor(stage.clock.wallMs() / 1000));
  },
  "server.log_level": async () => {
    const lines: string[] = [];
    const destination = { write: (line: string): void => void lines.push(line) };
    const log = createLogger({ level: "warn", isPretty: false, destination });
    log.info("not told");
    log.warn({ token: "secret" }, "told");
    assert.equal(lines.length, 1);
    assert.match(String(lines[0]), /"msg":"told"/);
    assert.doesNotMatch(String(lines[0]), /secret/);
  },
  "server.drain_secs": async (stage) => {
    await stage.start({ "server.drain_secs": 2 });
    const silent = await stage.enter();
    // It never answers the close frame.
    silent.socket.pause();
    let isClosed = false;
    const closed = stage.server.close().then(() => (isClosed = true));
    stage.clock.advance(1999);
    await stage.clock.settled();
    assert.equal(isClosed, false);
    stage.clock.advance(1);
    await closed;
  },
};

async function servesTls(stage: ServerStage): Promise<void> {
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    algorithm: "sha256",
  });
  const [cert, key] = [join(stage.folder, "cert.pem"), join(stage.folder, "key.pem")];
  writeFileSync(cert, pems.cert);
  writeFileSync(key, pems.private);
  const server = await stage.start({ "server.tls_cert": cert, "server.tls_key": key });
  assert.match(server.url, /^wss:/);
  await stage.connect({ rejectUnauthorized: false });
}
