import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, forgedJwt, hs256, jwtAttacks } from "../../testing/index.ts";
import { JwtTokens } from "./jwt.ts";

const secret = "0123456789abcdef0123456789abcdef";
const nowSecs = 1_735_689_600;
const good = { sub: "admin", exp: nowSecs + 3600 };

function make(): { clock: FakeClock; tokens: JwtTokens } {
  const clock = new FakeClock({ wallMs: nowSecs * 1000 });
  return { clock, tokens: new JwtTokens({ clock, secret, maxCached: 3 }) };
}

const attacks = jwtAttacks({ secret, nowSecs });
const forged = (header: unknown, claims: unknown = good): string =>
  forgedJwt(header, claims, secret);

for (const [family, tokens] of Object.entries(attacks)) {
  test(`[JSON-10.2] refused: ${family} (${tokens.length} forms)`, async () => {
    assert.ok(tokens.length >= 5);
    const { tokens: jwt } = make();
    for (const token of tokens) {
      await assert.rejects(
        jwt.verify(token),
        { code: "not-authenticated", message: "[not-authenticated] the token is not valid" },
        token.slice(0, 200),
      );
    }
    assert.equal(jwt.cached, 0);
  });
}

test("[JSON-10.2] taken: what we and others sign with the secret", async () => {
  const { tokens } = make();
  const expected = {
    subject: "admin",
    roles: [],
    expiresAtMs: good.exp * 1000,
    credential: undefined,
  };
  assert.deepEqual(await tokens.verify(forged(hs256)), expected);
  assert.deepEqual(await tokens.verify(forged({ alg: "HS256" })), expected);
  assert.deepEqual(await tokens.verify(forged({ ...hs256, kid: "any" })), expected);
  const own = await tokens.issue("ada", ["r1", "r2"], "c");
  assert.deepEqual(await tokens.verify(own), {
    subject: "ada",
    roles: ["r1", "r2"],
    expiresAtMs: (nowSecs + 86_400) * 1000,
    credential: "c",
  });
});

test("[JSON-10.2] a token issued here has sub, iat, exp and the algorithm, and ends to the millisecond", async () => {
  const { clock, tokens } = make();
  const token = await tokens.issue("ada", []);
  const [head = "", body = ""] = token.split(".");
  const read = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString());
  assert.deepEqual(read(head), hs256);
  assert.deepEqual(read(body), { sub: "ada", iat: nowSecs, exp: nowSecs + 86_400 });
  clock.advance(86_399_999);
  await tokens.verify(token);
  clock.advance(1);
  await assert.rejects(tokens.verify(token), { code: "not-authenticated" });
  assert.equal(tokens.cached, 0);
});

test("[JSON-10.2] fractions of a second count", async () => {
  const { clock, tokens } = make();
  const token = forged(hs256, { sub: "a", exp: nowSecs + 1.5 });
  clock.advance(1499);
  await tokens.verify(token);
  clock.advance(1);
  await assert.rejects(tokens.verify(token), { code: "not-authenticated" });
});

test("an end beyond all time is taken as far as numbers go", async () => {
  const { tokens } = make();
  const claims = await tokens.verify(forged(hs256, `{"sub":"a","exp":1e300}`));
  assert.equal(claims.expiresAtMs, Number.MAX_SAFE_INTEGER);
});

test("the cache of verified tokens is bounded, and changes no verdict", async () => {
  const { tokens } = make();
  for (let n = 0; n < 10; n++) await tokens.verify(forged(hs256, { ...good, sub: `user${n}` }));
  assert.equal(tokens.cached, 3);
  const token = forged(hs256);
  await tokens.verify(token);
  await tokens.verify(token);
  await assert.rejects(tokens.verify(`${token}A`), { code: "not-authenticated" });
});

test("[JSON-10.6] secrets that can be guessed are refused by name", () => {
  const clock = new FakeClock();
  for (const weak of ["a_very_secret_key", "default_secret", "", "x".repeat(31)]) {
    assert.throws(() => new JwtTokens({ clock, secret: weak }), { code: "bad-config" });
  }
  assert.throws(() => new JwtTokens({ clock, secret: "a_very_secret_key" }), /a_very_secret_key/);
});
