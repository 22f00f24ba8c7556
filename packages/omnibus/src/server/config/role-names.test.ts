import assert from "node:assert/strict";
import { test } from "node:test";
import { tokenWarnings } from "./role-names.ts";
import { type Settings, settingKeys, settingTable } from "./settings.ts";

const builtIn = Object.fromEntries(settingKeys.map((key) => [key, settingTable[key].builtIn]));
const settings = {
  ...builtIn,
  "server.roles": { sensors: { publish: ["sensor/**"] } },
  "server.users": { zoey: { password_hash: "h" } },
} as unknown as Settings;

test("a token was signed for an unknown role or user without a word", () => {
  assert.deepEqual(tokenWarnings(settings, "s1", ["sensor"]), [
    'there is no role "sensor", it grants nothing; server.roles has sensors; did you mean sensors?',
  ]);
  assert.deepEqual(tokenWarnings(settings, "zoe", []), [
    'server.users has no "zoe", who may do nothing without a role; did you mean zoey?',
  ]);
  const bound = { ...builtIn, "server.tokens": [{ token: "t".repeat(16), publish: ["a"] }] };
  assert.deepEqual(tokenWarnings(bound as unknown as Settings, "s1", []), [
    'server.users has no "s1", who may do nothing without a role',
  ]);
  assert.deepEqual(tokenWarnings(builtIn as unknown as Settings, "s1", ["x"]), [
    'there is no role "x", it grants nothing; server.roles has none',
  ]);
});

test("what is configured brings no warning, nor does a name where nobody is", () => {
  assert.deepEqual(tokenWarnings(settings, "s1", ["sensors"]), []);
  assert.deepEqual(tokenWarnings(settings, "zoey", []), []);
  assert.deepEqual(tokenWarnings(builtIn as unknown as Settings, "anybody", []), []);
});
