import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  createLogger,
  loadSettings,
  readLocalToken,
  startServer,
  systemClock,
} from "../../src/server/index.ts";
import { JsonClient } from "./server-stage.ts";

test("[JSON-7.2] in real time: sent again when it is not acknowledged, and again after reconnecting", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "omnibus-real-time-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { settings } = loadSettings({
    flags: { "server.port": 0, "server.log_level": "silent", "broker.ack_timeout_secs": 0.5 },
    environment: {},
    folder,
  });
  const log = createLogger({ level: "silent", isPretty: false });
  const server = await startServer({ settings, dataFolder: join(folder, "data"), log });
  t.after(() => server.close({ drainMs: 0 }));
  const token = readLocalToken(server.dataFolder, server.port);
  const subscriber = async (): Promise<JsonClient> => {
    const client = await new JsonClient(server.url).opened();
    t.after(() => client.socket.terminate());
    const reply = await client.ask({ type: "auth", token });
    assert.deepEqual(reply, { type: "authenticated", status: "authenticated" });
    client.say({ type: "subscribe", topic: "critical" });
    return client;
  };
  const first = await subscriber();
  first.say({ type: "publish", topic: "critical", payload: "!", message_id: "m", qos: 1 });
  const sent = await first.heard.next();
  const sentMs = systemClock.nowMs();
  assert.deepEqual([sent["message_id"], sent["redelivered"]], ["m", undefined]);
  assert.deepEqual(await first.heard.next(), { ...sent, redelivered: true });
  assert.ok(systemClock.nowMs() - sentMs >= 400, "not before its time");
  first.socket.terminate();
  await first.closed;
  const second = await subscriber();
  // Whether it is flagged depends on what the server hears first: the old end or the new beginning.
  assert.equal((await second.heard.next())["message_id"], "m");
  second.say({ type: "ack", message_id: "m" });
  const answer = await second.ask({ type: "ack", message_id: "m" });
  assert.equal(answer["code"], "unknown-message");
});
