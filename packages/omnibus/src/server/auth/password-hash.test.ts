import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../testing/index.ts";
import { checkPasswordHash, hashPassword, verifyPassword } from "./password-hash.ts";

const cheap = { ln: 10, r: 1, p: 1 };

test("a password has its own hash and no other, in PHC form", async () => {
  const random = new SeededRandom(1);
  const hash = await hashPassword("correct horse", random, cheap);
  assert.match(hash, /^\$scrypt\$ln=10,r=1,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.ok(await verifyPassword("correct horse", hash));
  assert.ok(!(await verifyPassword("correct horse ", hash)));
  assert.ok(!(await verifyPassword("", hash)));
  assert.notEqual(await hashPassword("correct horse", random, cheap), hash, "the salt differs");
});

test("composed and decomposed forms of a password are one", async () => {
  const hash = await hashPassword("caf\u00e9", new SeededRandom(3), cheap);
  assert.ok(await verifyPassword("cafe\u0301", hash));
});

const salt = "A".repeat(22);
const key = "A".repeat(43);

for (const hash of [
  "",
  "password",
  "$2b$10$abcdefghijklmnopqrstuv",
  `$scrypt$ln=10,r=1,p=1$${salt}`,
  `$scrypt$ln=9,r=1,p=1$${salt}$${key}`,
  `$scrypt$ln=21,r=1,p=1$${salt}$${key}`,
  `$scrypt$ln=20,r=32,p=1$${salt}$${key}`,
  `$scrypt$ln=10,r=0,p=1$${salt}$${key}`,
  `$scrypt$ln=10,r=1,p=0$${salt}$${key}`,
  `$scrypt$ln=10,r=1,p=99$${salt}$${key}`,
  `$scrypt$ln=10,r=1,p=1$AAAA$${key}`,
  `$scrypt$ln=10,r=1,p=1$${salt}$AAAA`,
  `$scrypt$ln=10,r=1,p=1$${salt}$${"A".repeat(100)}`,
  `$scrypt$ln=10,r=1,p=1$${salt}$${key}\n`,
  `$argon2id$v=19$m=65536,t=3,p=4$${salt}$${key}`,
]) {
  test(`${JSON.stringify(hash.slice(0, 40))} is no hash, and belongs to no password`, async () => {
    assert.throws(() => checkPasswordHash(hash, "x"), { code: "bad-config" });
    assert.ok(!(await verifyPassword("password", hash)));
  });
}

test("a password of more than 1,024 bytes is not even hashed", async () => {
  const long = "x".repeat(1025);
  const hash = await hashPassword(long, new SeededRandom(4), cheap);
  assert.ok(!(await verifyPassword(long, hash)));
});
