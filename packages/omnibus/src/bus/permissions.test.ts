import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern, OmnibusError } from "../base/index.ts";
import { BusNetwork } from "../testing/index.ts";
import type { Authority } from "./plugs.ts";

/** `ada` may do what is listed; nobody else may come in. */
class TestAuthority implements Authority {
  version = 1;
  allowed: Record<string, string[]> = { publish: ["pub/**"], subscribe: ["sub/**", "pub/**"] };

  authenticate: Authority["authenticate"] = (credentials) => {
    if (credentials.kind === "token" && credentials.token === "ada")
      return Promise.resolve({ name: "ada", roles: [] });
    return Promise.reject(new OmnibusError("not-authenticated", "who are you?"));
  };

  may: Authority["may"] = (_principal, verb, name) =>
    (this.allowed[verb] ?? []).some((pattern) => pattern === name || matchesPattern(pattern, name));
}

const ada = { kind: "token", token: "ada" } as const;

test("wrong credentials reject openBus with the server's reason", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  await assert.rejects(net.client({ credentials: { kind: "token", token: "eve" } }), {
    code: "not-authenticated",
  });
  await assert.rejects(net.client(), { code: "not-authenticated" });
});

test("a denied subscription fails with denied, and an allowed one goes on", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  const { bus } = await net.client({ credentials: ada });
  const denied = bus.subscribe("secret/**");
  const got: unknown[] = [];
  bus.subscribe("sub/x", (message) => got.push(message.value));
  await net.settled();
  await assert.rejects(denied.ready, { code: "denied" });
  await assert.rejects(denied[Symbol.asyncIterator]().next(), { code: "denied" });
  net.server.publish("secret/a", 1);
  net.server.publish("sub/x", 2);
  await net.settled();
  assert.deepEqual(got, [2]);
  assert.equal(bus.stats.received, 1);
});

test("a denied publish reaches nobody, is counted, and told at most once a second", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  const { bus } = await net.client({ credentials: ada });
  const got: unknown[] = [];
  const errors: string[] = [];
  net.server.subscribe("**", (message) => got.push(message.topic));
  bus.on("error", (error) => errors.push((error as OmnibusError).code));
  for (let n = 0; n < 10; n++) bus.publish("secret/a", n);
  bus.publish("pub/a", 1);
  await net.settled();
  assert.deepEqual(got, ["pub/a"]);
  assert.equal(net.server.stats.denied, 10);
  assert.deepEqual(errors, ["denied"]);
});

test("flush resolves after all refusals of what was published before, and rejects when the link ends", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  const client = await net.client({ credentials: ada });
  const order: string[] = [];
  client.bus.on("error", () => order.push("refused"));
  client.bus.publish("secret/a", 1);
  const flushed = client.bus.flush().then(() => order.push("flushed"));
  await net.settled();
  await flushed;
  assert.deepEqual(order, ["refused", "flushed"]);
  client.far.pause();
  const unanswered = assert.rejects(client.bus.flush(), { code: "closed" });
  client.link.destroy();
  await net.settled();
  await unanswered;
});

test("a changed rule takes effect on live sessions within a second, both ways", async () => {
  const authority = new TestAuthority();
  await using net = await BusNetwork.open({ authority });
  const { bus } = await net.client({ credentials: ada });
  const got: unknown[] = [];
  const seen: unknown[] = [];
  bus.subscribe("sub/x", (message) => got.push(message.value));
  net.server.subscribe("pub/x", (message) => seen.push(message.value));
  await net.settled();
  net.server.publish("sub/x", 1);
  bus.publish("pub/x", 1);
  await net.settled();
  authority.allowed = {};
  authority.version++;
  await net.pass(1000);
  net.server.publish("sub/x", 2);
  bus.publish("pub/x", 2);
  await net.settled();
  assert.deepEqual([got, seen], [[1], [1]]);
});

test("a session ends with its credentials, and says why", async () => {
  const authority = new TestAuthority();
  await using net = await BusNetwork.open({ authority });
  const expiresAtMs = net.clock.wallMs() + 5000;
  authority.authenticate = () => Promise.resolve({ name: "ada", roles: [], expiresAtMs });
  const { bus } = await net.client({ credentials: ada });
  const reasons: (string | undefined)[] = [];
  bus.on("disconnected", ({ error }) => reasons.push(error?.message));
  await net.pass(4000);
  assert.deepEqual(reasons, []);
  await net.pass(2000);
  assert.deepEqual(reasons, ["[not-authenticated] the credentials have expired"]);
});

test("a view acts with its principal's permissions", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  const view = await net.server.enter(ada);
  const got: unknown[] = [];
  view.subscribe("pub/x", (message) => got.push(message.value));
  view.publish("pub/x", 1);
  assert.throws(() => view.publish("secret/a", 1), { code: "denied" });
  assert.throws(() => view.subscribe("secret/a"), { code: "denied" });
  assert.deepEqual([view.may("publish", "pub/y"), view.may("publish", "sub/y")], [true, false]);
  await view.close();
  net.server.publish("pub/x", 2);
  assert.throws(() => view.publish("pub/x", 3), { code: "closed" });
  assert.deepEqual(got, [1]);
  await assert.rejects(net.server.enter({ kind: "anonymous", protocol: "test" }), {
    code: "not-authenticated",
  });
});

test("a publish to a topic of the system reaches the server, to be judged there", async () => {
  await using net = await BusNetwork.open({ authority: new TestAuthority() });
  const { bus } = await net.client({ credentials: ada });
  const errors: string[] = [];
  bus.on("error", (error) => errors.push((error as OmnibusError).code));
  bus.publish("$SYS/x", 1);
  await net.settled();
  assert.equal(net.server.stats.denied, 1);
  assert.deepEqual(errors, ["denied"]);
});
