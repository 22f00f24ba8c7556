import assert from "node:assert/strict";
import test from "node:test";
import { firstLines } from "./first-lines.ts";

const dataFolder = "/data";

test("the default server needs no address", () => {
  assert.equal(
    firstLines({ url: "ws://127.0.0.1:8080", dataFolder }),
    "WebSocket server listening on ws://127.0.0.1:8080\n" +
      "Data folder: /data\n" +
      "Console: http://127.0.0.1:8080/\n" +
      "In another terminal, in the clone's folder: npx omnibus sub 'chat/**'\n",
  );
});

test("another port is named", () => {
  assert.match(
    firstLines({ url: "ws://127.0.0.1:9000", dataFolder }),
    /http:\/\/127\.0\.0\.1:9000\/\n.*--url tcp:\/\/127\.0\.0\.1:9000\n$/,
  );
});

test("a data folder that other commands would not look into is named", () => {
  assert.match(
    firstLines({ url: "ws://127.0.0.1:8080", dataFolder: "/my data", isFolderUnusual: true }),
    /npx omnibus sub 'chat\/\*\*' --data '\/my data'\n$/,
  );
});

test("a server on all addresses is reached by loopback", () => {
  const lines = firstLines({ url: "ws://[::]:9000", dataFolder });
  assert.match(lines, /^WebSocket server listening on ws:\/\/\[::\]:9000\n/);
  assert.match(lines, /http:\/\/\[::1\]:9000\//);
  assert.match(lines, /--url tcp:\/\/\[::1\]:9000\n$/);
});

test("with TLS the page is https and the certificate is named", () => {
  const url = "wss://localhost:443";
  assert.match(
    firstLines({ url, dataFolder, certificate: "my cert.pem" }),
    /https:\/\/localhost\/\n.*--url tls:\/\/localhost:443 --ca 'my cert.pem'\n$/,
  );
});
