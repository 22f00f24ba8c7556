import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultHandshakeMs, defaultMessageBytes } from "../base/index.ts";
import { WebSocketHost } from "../node/index.ts";
import { FakeClock } from "../testing/index.ts";
import { brokerSettings } from "./config/broker-settings.ts";

test("a limit that several rooms have does not have two defaults: message size, time to authenticate", () => {
  assert.equal(brokerSettings["broker.max_message_bytes"].builtIn, defaultMessageBytes);
  const { reading } = new WebSocketHost({ clock: new FakeClock() });
  assert.equal(reading.maxMessageBytes, defaultMessageBytes);
  assert.equal(brokerSettings["broker.auth_timeout_secs"].builtIn * 1000, defaultHandshakeMs);
});
