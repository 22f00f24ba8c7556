import assert from "node:assert/strict";
import { test } from "node:test";
import type { OmnibusError } from "../../base/index.ts";
import type { Principal } from "../../bus/index.ts";
import { FakeClock, SeededRandom } from "../../testing/index.ts";
import type { Accounts } from "./accounts.ts";
import { ServerAuthority, type ServerAuthorityOptions } from "./authority.ts";
import { hashPassword } from "./password-hash.ts";

const here = { remote: "127.0.0.1" };
const jwtSecret = "0123456789abcdef0123456789abcdef";
const cheap = { ln: 10, r: 1, p: 1 };
const adaHash = await hashPassword("ada's password", new SeededRandom(1), cheap);
const otherHash = await hashPassword("another", new SeededRandom(2), cheap);
const ada = { name: "ada", passwordHash: adaHash };

function make(options: Partial<ServerAuthorityOptions> = {}) {
  const clock = new FakeClock();
  const authority = new ServerAuthority({
    clock,
    random: new SeededRandom(3),
    jwtSecret,
    users: [],
    tokens: [],
    ...options,
  });
  const byToken = (token: string): Promise<Principal> =>
    authority.authenticate({ kind: "token", token }, { remote: "192.0.2.1" });
  const byPassword = (user: string, password: string, from = "192.0.2.1"): Promise<Principal> =>
    authority.authenticate({ kind: "password", user, password }, { remote: from });
  return { clock, authority, byToken, byPassword };
}

const nowhere = { remote: "" };
const refused = { code: "not-authenticated" };

test("[JSON-10.1] a login returns a token that authenticates for 24 hours", async () => {
  const { clock, authority, byToken } = make({ users: [{ ...ada, roles: ["r"] }] });
  const token = await authority.login("ada", "ada's password", here);
  const principal = await byToken(token);
  assert.deepEqual(principal, {
    name: "user:ada",
    roles: ["r"],
    expiresAtMs: clock.wallMs() + 86_400_000,
  });
  clock.advance(86_400_000);
  await assert.rejects(byToken(token), refused);
});

test("[JSON-10.1] wrong passwords and unknown users are refused alike", async () => {
  const { authority, byPassword } = make({ users: [ada] });
  for (const [user, password] of [
    ["ada", "wrong"],
    ["ada", ""],
    ["bob", "ada's password"],
    ["", ""],
    ["admin", "password"],
    ["ADA", "ada's password"],
    ["__proto__", "x"],
  ] as const) {
    const message = "[not-authenticated] authentication failed";
    await assert.rejects(authority.login(user, password, here), { ...refused, message });
    await assert.rejects(byPassword(user, password), { ...refused, message });
  }
  const principal = await byPassword("ada", "ada's password");
  assert.deepEqual(principal, { name: "user:ada", roles: [] });
});

test("[JSON-10.1] static tokens, the seed's first form of auth", async () => {
  const { authority, byToken } = make({
    tokens: [
      { token: "supersecrettoken", principal: "token:1", permissions: { publish: ["a"] } },
      { token: "other", principal: "token:1" },
    ],
  });
  const first = await byToken("supersecrettoken");
  assert.deepEqual(first, { name: "token:1", roles: [] });
  assert.ok(!authority.may(first, "publish", "b"));
  assert.ok(authority.may(await byToken("other"), "publish", "b"), "each has its own permissions");
  for (const near of ["supersecrettoke", "supersecrettoken ", "SUPERSECRETTOKEN", ""]) {
    await assert.rejects(byToken(near), refused);
  }
});

test("[JSON-10.3] a token of a login ends with its password and its user", async () => {
  const { authority, byToken } = make({ users: [ada] });
  const token = await authority.login("ada", "ada's password", here);
  authority.update({ users: [{ name: "ada", passwordHash: otherHash }], tokens: [] });
  await assert.rejects(byToken(token), refused);
  authority.update({ users: [], tokens: [] });
  await assert.rejects(byToken(token), refused);
  authority.update({ users: [ada], tokens: [] });
  await byToken(token);
});

test("[JSON-10.3] who is in is held to what is allowed now", async () => {
  const { authority, byToken, byPassword } = make({
    users: [ada],
    tokens: [{ token: "t", principal: "token:t" }],
    anonymous: {},
  });
  const all = [
    await byPassword("ada", "ada's password"),
    await byToken(await authority.login("ada", "ada's password", here)),
    await byToken("t"),
    await authority.authenticate({ kind: "anonymous", protocol: "json" }, nowhere),
  ];
  for (const principal of all) assert.ok(authority.may(principal, "publish", "a"));
  const { version } = authority;
  authority.update({
    users: [{ ...ada, permissions: { publish: ["b"] } }],
    tokens: [{ token: "t", principal: "token:t", permissions: { publish: ["b"] } }],
    anonymous: { publish: ["b"] },
  });
  assert.ok(authority.version > version);
  for (const principal of all) {
    assert.ok(!authority.may(principal, "publish", "a"));
    assert.ok(authority.may(principal, "publish", "b"));
  }
  authority.update({ users: [], tokens: [] });
  for (const principal of all) assert.ok(!authority.may(principal, "publish", "b"));
});

test("accounts that are wrong change nothing", async () => {
  const { authority, byToken } = make({ tokens: [{ token: "t", principal: "token:t" }] });
  const wrong: Accounts[] = [
    { users: [{ name: "x", passwordHash: "plain" }], tokens: [] },
    { users: [], tokens: [{ token: "t", principal: "p", permissions: { publish: ["a//b"] } }] },
    { users: [], tokens: [], roles: { r: { subscribe: [""] } } },
  ];
  for (const accounts of wrong) {
    assert.throws(() => authority.update(accounts), { code: "bad-config" });
  }
  await byToken("t");
});

test("[JSON-10.5] roles of users and of tokens bring their permissions", async () => {
  const { authority, byToken, byPassword } = make({
    users: [{ ...ada, roles: ["writer"], permissions: { publish: ["own"] } }],
    tokens: [],
    roles: { writer: { publish: ["w/*"] }, reader: { publish: [], subscribe: ["r/*"] } },
  });
  const user = await byPassword("ada", "ada's password");
  for (const [topic, may] of [
    ["own", true],
    ["w/a", true],
    ["x", false],
  ] as const) {
    assert.equal(authority.may(user, "publish", topic), may);
  }
  const bearer = await byToken(await authority.issue("somebody", ["reader", "toString"]));
  assert.ok(!authority.may(bearer, "publish", "x"));
  assert.ok(authority.may(bearer, "subscribe", "r/a"));
  assert.ok(!authority.may(bearer, "subscribe", "x"));
});

test("a token whose roles are all unknown had every right: it has none, and is told of once", async () => {
  const told: string[] = [];
  const { authority, byToken } = make({
    roles: { sensors: { publish: ["sensor/**"] } },
    onUnknownRole: (role, subject) => told.push(`${role} of ${subject}`),
  });
  const typo = await byToken(await authority.issue("s1", ["sensor"]));
  await byToken(await authority.issue("s2", ["sensor"]));
  for (const verb of ["publish", "subscribe", "serve", "request"] as const) {
    assert.ok(!authority.may(typo, verb, "sensor/1"), verb);
  }
  const both = await byToken(await authority.issue("s1", ["sensor", "sensors"]));
  assert.ok(authority.may(both, "publish", "sensor/1"));
  assert.ok(!authority.may(both, "publish", "x"));
  assert.deepEqual(told, ["sensor of s1"]);
  const bare = make();
  const nobody = await bare.byToken(await bare.authority.issue("s1", ["sensor"]));
  assert.ok(!bare.authority.may(nobody, "publish", "x"), "also where no role is configured");
});

test("users and static tokens whose roles are all unknown had every right", async () => {
  const { authority, byToken, byPassword } = make({
    users: [{ ...ada, roles: ["snesors"] }],
    tokens: [{ token: "t", principal: "token:t", roles: ["snesors"] }],
    roles: { sensors: { publish: ["sensor/**"] } },
  });
  for (const one of [await byPassword("ada", "ada's password"), await byToken("t")]) {
    assert.ok(!authority.may(one, "publish", "x"));
    assert.ok(!authority.may(one, "subscribe", "x"));
  }
});

test("a token for a user who is not configured had every right", async () => {
  for (const accounts of [{ users: [ada] }, { roles: { sensors: { publish: ["sensor/**"] } } }]) {
    const { authority, byToken } = make(accounts);
    const zoe = await byToken(await authority.issue("zoe"));
    assert.ok(!authority.may(zoe, "publish", "x"));
    assert.ok(!authority.may(zoe, "subscribe", "x"));
  }
});

test("[JSON-10.5] a JWT without roles may do everything only while nothing says who may do what", async () => {
  const open = { token: "a", principal: "token:a" };
  const bound = { token: "b", principal: "token:b", permissions: { publish: ["b"] } };
  const ofZoe = async (accounts: Partial<Accounts>): Promise<boolean> => {
    const { authority, byToken } = make(accounts);
    return authority.may(await byToken(await authority.issue("zoe")), "publish", "x");
  };
  assert.ok(await ofZoe({}));
  assert.ok(await ofZoe({ tokens: [open] }), "tokens without lists say nothing about others");
  assert.ok(await ofZoe({ tokens: [open], anonymous: { publish: [] } }));
  assert.ok(
    !(await ofZoe({ tokens: [open, bound] })),
    "a list of a static token was no rule for a JWT",
  );
  assert.ok(!(await ofZoe({ users: [ada] })));
  assert.ok(!(await ofZoe({ roles: { sensors: {} } })));
});

test("a token without roles for a user with roles had every right: it has the user's", async () => {
  const { authority, byToken } = make({
    users: [{ ...ada, roles: ["sensors"] }],
    roles: { sensors: { publish: ["sensor/**"] }, news: { publish: ["news"] } },
  });
  const plain = await byToken(await authority.issue("ada"));
  assert.ok(authority.may(plain, "publish", "sensor/1"));
  assert.ok(!authority.may(plain, "publish", "x"));
  const other = await byToken(await authority.issue("ada", ["news"]));
  assert.ok(authority.may(other, "publish", "news"));
  assert.ok(!authority.may(other, "publish", "sensor/1"), "the roles of the token, if it has some");
});

test("admin/password and the local token keep every right where roles are configured", async () => {
  const { authority, byToken } = make({
    hasDefaultUser: true,
    tokens: [{ token: "local", principal: "user:local" }],
    roles: { sensors: { publish: ["sensor/**"] } },
  });
  const admin = await byToken(await authority.login("admin", "password", here));
  for (const one of [admin, await byToken("local")]) assert.ok(authority.may(one, "publish", "x"));
});

test("who gave no credentials was told only that authentication failed", async () => {
  const nobody = make().authority.authenticate({ kind: "anonymous", protocol: "x" }, nowhere);
  await assert.rejects(nobody, { ...refused, message: /no credentials.*server\.anonymous/ });
});

test("principals that did not come from here may do nothing", () => {
  const { authority } = make();
  assert.ok(!authority.may({ name: "user:admin", roles: [] }, "publish", "a"));
});

test("[JSON-10.1] anonymous clients come in only where they may", async () => {
  const closed = make();
  await assert.rejects(
    closed.authority.authenticate({ kind: "anonymous", protocol: "json" }, nowhere),
    refused,
  );
  const open = make({ anonymous: { publish: [] } });
  const principal = await open.authority.authenticate(
    { kind: "anonymous", protocol: "mqtt" },
    nowhere,
  );
  assert.equal(principal.name, "anonymous:mqtt");
  assert.ok(!open.authority.may(principal, "publish", "a"));
  assert.ok(open.authority.may(principal, "subscribe", "a"));
});

test("[JSON-10.4] admin/password only where allowed, from this machine, not from foreign pages", async () => {
  const { authority, byPassword, byToken } = make({ hasDefaultUser: true });
  const token = await authority.login("admin", "password", here);
  assert.equal((await byToken(token)).name, "user:admin");
  await byPassword("admin", "password", "127.0.0.1:5000");
  await byPassword("admin", "password", "[::1]:5000");
  await byPassword("admin", "password", "::ffff:127.0.0.1");
  const foreign = [{ ...here, origin: "https://evil.example" }, { remote: "192.0.2.1" }];
  for (const caller of foreign) {
    await assert.rejects(authority.login("admin", "password", caller), refused);
    const native = { kind: "password", user: "admin", password: "password" } as const;
    await assert.rejects(authority.authenticate(native, caller), refused);
  }
  await assert.rejects(byPassword("admin", "password", "192.0.2.1:80"), refused);
  await assert.rejects(authority.login("admin", "Password", here), refused);
  authority.update({ users: [ada], tokens: [] });
  await assert.rejects(byToken(token), refused, "its token ends with it");
  await assert.rejects(authority.login("admin", "password", here), refused);
});

test("[JSON-10.4] a configured admin has the configured password only", async () => {
  const { authority } = make({
    users: [{ name: "admin", passwordHash: adaHash }],
    hasDefaultUser: true,
  });
  await assert.rejects(authority.login("admin", "password", here), refused);
  await authority.login("admin", "ada's password", here);
});

test("[JSON-3.3] five failures of a user at an address stop the sixth attempt, right or wrong", async () => {
  const { clock, authority, byPassword } = make({ users: [ada] });
  const caller = { remote: "192.0.2.1" };
  for (let n = 0; n < 5; n++) {
    await assert.rejects(byPassword("ada", "wrong", `192.0.2.1:${5000 + n}`), refused);
  }
  await assert.rejects(authority.login("ada", "ada's password", caller), { code: "too-many" });
  await authority.login("ada", "ada's password", { remote: "192.0.2.2" });
  clock.advance(60_000);
  await authority.login("ada", "ada's password", caller);
});

test("[JSON-3.3] the addresses of one IPv6 network of /64 are one address", async () => {
  const { byPassword } = make({ users: [ada] });
  for (let n = 0; n < 5; n++) {
    await assert.rejects(byPassword("ada", "wrong", `[2001:db8:1:2::${n}]:5000`), refused);
  }
  await assert.rejects(byPassword("ada", "ada's password", "[2001:db8:1:2:9::1]:5000"), {
    code: "too-many",
  });
  await byPassword("ada", "ada's password", "[2001:db8:1:3::1]:5000");
});

test("many passwords at once: no more than five are looked at", async () => {
  const { authority } = make({ users: [ada] });
  const tries = Array.from({ length: 50 }, (_, n) => authority.login("ada", `guess ${n}`, here));
  const codes = await Promise.allSettled(tries).then((all) =>
    all.map((one) => (one.status === "rejected" ? (one.reason as { code: string }).code : "in")),
  );
  assert.equal(codes.filter((code) => code === "not-authenticated").length, 5);
  assert.equal(codes.filter((code) => code === "too-many").length, 45);
});

test("many clients of one user that logged in at once were refused with the right password", async () => {
  const { byPassword } = make({ users: [ada] });
  const tries = Array.from({ length: 12 }, (_, n) =>
    byPassword("ada", "ada's password", `192.0.2.1:${5000 + n}`),
  );
  for (const one of await Promise.all(tries)) assert.equal(one.name, "user:ada");
});

test("one address that tried many users kept everybody else out", async () => {
  const { byPassword } = make({ users: [ada] });
  const guesses = Array.from({ length: 70 }, (_, n) => byPassword(`user${n}`, "guess"));
  const other = byPassword("ada", "ada's password", "192.0.2.2");
  const done = await Promise.allSettled(guesses);
  const codes = done.map((one) => one.status === "rejected" && (one.reason as OmnibusError).code);
  assert.equal(codes.filter((code) => code === "not-authenticated").length, 16);
  assert.equal(codes.filter((code) => code === "overloaded").length, 54);
  await other;
});

test("logins beyond what can be worked on are refused, and are no failures", async () => {
  const { authority } = make({ users: [ada] });
  const tries = Array.from({ length: 70 }, (_, n) =>
    authority.login("ada", "ada's password", { remote: `192.0.2.${n}` }),
  );
  const done = await Promise.allSettled(tries);
  const codes = done.map((one) =>
    one.status === "rejected" ? (one.reason as { code: string }).code : "in",
  );
  assert.equal(codes.filter((code) => code === "in").length, 64);
  assert.equal(codes.filter((code) => code === "overloaded").length, 6);
});
