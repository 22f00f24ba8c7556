import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { listenTcp, tcpDialer } from "./tcp.ts";

test("the signal of all attempts to connect kept the socket of each one that failed", async () => {
  const listener = await listenTcp({ host: "127.0.0.1", port: 0 }, () => undefined);
  await listener.close();
  const { signal } = new AbortController();
  const dialled = tcpDialer.dial(new URL(listener.url), { signal });
  assert.equal(getEventListeners(signal, "abort").length, 1);
  await assert.rejects(dialled, { code: "connect-failed" });
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
