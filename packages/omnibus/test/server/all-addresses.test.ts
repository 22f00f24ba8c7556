import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { createBus } from "../../src/bus/index.ts";
import { createNodeWebSocketDialer, tcpDialer } from "../../src/node/index.ts";
import { subscribe } from "./effect.ts";
import { JsonClient, ServerStage } from "./server-stage.ts";

const token = "a token that is long enough";
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((one) => one?.family === "IPv6" && one.internal);
const needsIPv6 = { skip: hasIPv6 ? false : "this machine has no IPv6" };

for (const host of ["::", "[::]"]) {
  test(
    `a server at ${host} is reached over IPv4 and IPv6, by every protocol`,
    needsIPv6,
    async () => {
      await using stage = new ServerStage();
      const { port, url } = await stage.start({ "server.host": host, "server.tokens": [token] });
      assert.equal(url, `ws://[::]:${port}`);
      const credentials = { kind: "token", token } as const;
      const dialers = [tcpDialer, createNodeWebSocketDialer()];
      for (const address of ["127.0.0.1", "[::1]", "localhost"]) {
        const page = await fetch(`http://${address}:${port}/healthz`);
        assert.equal(await page.text(), "ok\n", address);
        const json = await new JsonClient(`ws://${address}:${port}`).opened();
        assert.equal((await json.ask({ type: "auth", token }))["type"], "authenticated");
        assert.equal((await json.ask(subscribe(address)))["type"], "confirmed");
        for (const scheme of ["tcp", "ws"]) {
          const connect = `${scheme}://${address}:${port}`;
          await using bus = await createBus({ connect, dialers, credentials });
          bus.publish(address, connect);
          assert.equal((await json.heard.next())["payload"], connect);
        }
        json.socket.terminate();
        await json.closed;
      }
    },
  );
}
