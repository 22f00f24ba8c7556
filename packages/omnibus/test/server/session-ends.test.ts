import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RawNative } from "./raw-native.ts";
import { ServerStage } from "./server-stage.ts";

/** The two ways in which the native protocol comes. */
const natives: readonly (readonly [string, (stage: ServerStage) => Promise<RawNative>])[] = [
  ["TCP", (stage) => RawNative.overTcp(stage.server.port)],
  ["WebSocket", (stage) => RawNative.overWebSocket(stage.server.url)],
];

describe("the end of a token", () => {
  test("JSON: token-expired, closed with 4401", async () => {
    await using stage = new ServerStage();
    await stage.start({ "server.jwt_expiry_secs": 5 });
    const client = await stage.connect();
    const said = await client.ask({ type: "login", username: "admin", password: "password" });
    await client.ask({ type: "auth", token: said["token"] });
    await stage.pass(5);
    assert.equal((await client.heard.next())["code"], "token-expired");
    assert.deepEqual(await client.closed, { code: 4401, reason: "token expired" });
  });

  for (const [name, way] of natives) {
    test(`native over ${name}: not-authenticated, with the reason`, async () => {
      await using stage = new ServerStage();
      await stage.start({ "server.jwt_expiry_secs": 5 });
      const client = await stage.connect();
      const said = await client.ask({ type: "login", username: "admin", password: "password" });
      const native = await way(stage);
      const jwt = { kind: "token", token: String(said["token"]) } as const;
      assert.equal(await native.authenticate(jwt), "user:admin");
      await stage.pass(6);
      const { code, text } = await native.bye();
      assert.deepEqual(
        [code, text],
        ["not-authenticated", "[not-authenticated] the credentials have expired"],
      );
    });
  }
});

test("the end of the server: JSON is closed with 1001, natively going-away", async () => {
  await using stage = new ServerStage();
  await stage.start();
  const json = await stage.enter();
  const raws = await Promise.all(natives.map(([, way]) => way(stage)));
  for (const native of raws) {
    const credentials = { kind: "token", token: stage.localToken } as const;
    assert.equal(await native.authenticate(credentials), "user:local");
  }
  const closed = stage.server.close({ drainMs: 1000 });
  assert.equal((await json.closed).code, 1001);
  for (const native of raws) {
    assert.equal((await native.bye()).code, "going-away");
    native.destroy();
  }
  await closed;
});
