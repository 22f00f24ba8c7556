import assert from "node:assert/strict";
import { test } from "node:test";
import {
  acceptKey,
  readUpgrade,
  refusalResponse,
  type UpgradeRequest,
  upgradeResponse,
} from "./handshake.ts";

const good: UpgradeRequest = {
  method: "GET",
  httpVersion: "1.1",
  headers: {
    upgrade: "WebSocket",
    connection: "keep-alive, Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  },
};
const withHeaders = (headers: UpgradeRequest["headers"]): UpgradeRequest => ({
  ...good,
  headers: { ...good.headers, ...headers },
});

test("the accept key of the RFC's example", () => {
  assert.equal(acceptKey("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});

test("a good request is an offer with its subprotocols in order", () => {
  assert.deepEqual(readUpgrade(good), { key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: [] });
  const offer = readUpgrade(withHeaders({ "sec-websocket-protocol": "omnibus.v1, mqtt" }));
  assert.deepEqual("subprotocols" in offer && offer.subprotocols, ["omnibus.v1", "mqtt"]);
});

const refused: readonly (readonly [name: string, UpgradeRequest, status: number])[] = [
  ["POST", { ...good, method: "POST" }, 405],
  ["HTTP/1.0", { ...good, httpVersion: "1.0" }, 400],
  ["no upgrade", withHeaders({ upgrade: undefined }), 426],
  ["an upgrade to h2c", withHeaders({ upgrade: "h2c" }), 426],
  ["no connection header", withHeaders({ connection: "keep-alive" }), 426],
  ["version 8", withHeaders({ "sec-websocket-version": "8" }), 426],
  ["no version", withHeaders({ "sec-websocket-version": undefined }), 426],
  ["no key", withHeaders({ "sec-websocket-key": undefined }), 400],
  ["a short key", withHeaders({ "sec-websocket-key": "dGhlIHNhbXBsZQ==" }), 400],
  ["a subprotocol with a blank", withHeaders({ "sec-websocket-protocol": "a b" }), 400],
  ["a subprotocol named twice", withHeaders({ "sec-websocket-protocol": "a, a" }), 400],
  ["an empty subprotocol", withHeaders({ "sec-websocket-protocol": "a,," }), 400],
];
for (const [name, request, status] of refused) {
  test(`${name} is refused with ${status}`, () => {
    const refusal = readUpgrade(request);
    assert.ok("status" in refusal);
    assert.equal(refusal.status, status);
    const response = refusalResponse(refusal);
    assert.match(response, new RegExp(`^HTTP/1.1 ${status} [A-Z]`));
    if (status === 426) assert.match(response, /\r\nSec-WebSocket-Version: 13\r\n/);
    assert.ok(response.endsWith(`\r\n\r\n${refusal.text}\n`));
  });
}

test("the answer names the subprotocol and never an extension", () => {
  const offer = { key: "dGhlIHNhbXBsZSBub25jZQ==", subprotocols: ["omnibus.v1"] };
  assert.match(
    upgradeResponse(offer, "omnibus.v1"),
    /\r\nSec-WebSocket-Protocol: omnibus.v1\r\n\r\n$/,
  );
  assert.doesNotMatch(upgradeResponse(offer, undefined), /Extensions|Protocol:/);
});
