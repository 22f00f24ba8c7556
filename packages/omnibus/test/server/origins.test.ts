import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { WebSocket } from "ws";
import { createBus, type Bus } from "../../src/bus/index.ts";
import { createNodeWebSocketDialer } from "../../src/node/index.ts";
import { ServerStage } from "./server-stage.ts";
import { RawNative } from "./raw-native.ts";

const elsewhere = "https://app.example.com";
const password = { kind: "password", user: "admin", password: "password" } as const;

test("admin/password is not for pages of another origin, whatever they speak and whoever allowed them", async () => {
  await using stage = new ServerStage();
  const { url } = await stage.start({ "server.allow_origins": [elsewhere] });
  const login = { type: "login", username: "admin", password: "password" };
  const json = await stage.connect({ origin: elsewhere });
  assert.equal((await json.ask(login))["code"], "invalid-credentials");
  const native = await RawNative.overWebSocket(url, { origin: elsewhere });
  assert.match(await native.authenticate(password), /^\[not-authenticated\] authentication failed/);
  // The same from the server's own page, and from no page at all.
  const own = await RawNative.overWebSocket(url, { origin: stage.server.pageUrl.slice(0, -1) });
  assert.equal(await own.authenticate(password), "user:admin");
  const dialers = [createNodeWebSocketDialer()];
  await using bus: Bus = await createBus({ connect: url, dialers, credentials: password });
  assert.equal(bus.stats.sessions, 1);
});

test("a page of an allowed origin comes in with credentials of its own", async () => {
  await using stage = new ServerStage();
  const { url } = await stage.start({ "server.allow_origins": [elsewhere] });
  const native = await RawNative.overWebSocket(url, { origin: elsewhere });
  assert.equal(await native.authenticate({ kind: "token", token: stage.localToken }), "user:local");
});

test("a page that may not connect does not get as far as credentials", async () => {
  await using stage = new ServerStage();
  const { url } = await stage.start();
  const socket = new WebSocket(url, ["omnibus.v1"], { origin: elsewhere });
  socket.on("error", () => {});
  const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
  assert.equal(response.statusCode, 403);
  // Whoever reads the answer learns how to let the page in.
  assert.equal(
    (await text(response)).trim(),
    `Pages from ${elsewhere} may not connect here. To let them, start the server with ` +
      `--allow-origin ${elsewhere} (server.allow_origins).`,
  );
});
