import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { test } from "node:test";
import { generate } from "selfsigned";
import { tcpDialer } from "./tcp.ts";
import { createNodeWebSocketDialer } from "./ws/ws-dialer.ts";

test("tls:// to an HTTP server gave a dump of OpenSSL, ws:// its whole page", async () => {
  const page = `<html>\n${"<p>long</p>\n".repeat(50)}`;
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end(page);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    await assert.rejects(tcpDialer.dial(new URL(`tls://127.0.0.1:${port}`), {}), (error: Error) => {
      assert.match(error.message, /(does not speak TLS|before TLS began).*tcp:\/\//);
      return !error.message.includes("\n");
    });
    const dialled = createNodeWebSocketDialer().dial(new URL(`ws://127.0.0.1:${port}`), {});
    await assert.rejects(dialled, {
      message: /cannot be reached: 200; it answers HTTP, and is no Omnibus server\?$/,
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a certificate that signs itself: nothing named --ca", async () => {
  const pems = await generate([{ name: "commonName", value: "localhost" }]);
  const server = createTlsServer({ cert: pems.cert, key: pems.private }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const dialled = tcpDialer.dial(new URL(`tls://127.0.0.1:${port}`), {});
    await assert.rejects(dialled, { message: /not trusted.*--ca/ });
  } finally {
    server.close();
  }
});
