import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { OmnibusError, systemRandom } from "../../base/index.ts";
import { DataFolder, dataFolderPath } from "./data-folder.ts";
import { loadSettings } from "./load-settings.ts";
import { makeLocalToken, readLocalToken, removeLocalToken } from "./local-token.ts";
import { checkExposure, checkJwtSecret, hasDefaultCredentials, jwtSecretOf } from "./secrets.ts";
import type { SettingKey, Settings } from "./settings.ts";
import { readTlsFiles } from "./tls-files.ts";

class Place implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "omnibus-secrets-"));
  readonly folder: DataFolder = new DataFolder(join(this.path, "deep", "data"));

  settings(flags: Partial<Record<SettingKey, unknown>> = {}): Settings {
    return loadSettings({ flags, environment: {}, folder: this.path }).settings;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

const isBadConfig = (error: unknown): boolean =>
  error instanceof OmnibusError && error.code === "bad-config";

test("the secret is made on the first run, for its owner only, and kept", () => {
  using place = new Place();
  const first = jwtSecretOf(place.settings(), place.folder, systemRandom);
  assert.equal(Buffer.from(first, "base64url").length, 32);
  assert.equal(jwtSecretOf(place.settings(), place.folder, systemRandom), first);
  assert.deepEqual(readdirSync(place.folder.path), ["jwt-secret"]);
  if (process.platform !== "win32") {
    assert.equal(statSync(join(place.folder.path, "jwt-secret")).mode & 0o777, 0o600);
    assert.equal(statSync(place.folder.path).mode & 0o777, 0o700);
  }
});

test("a configured secret goes first and is not written down", () => {
  using place = new Place();
  const given = "a secret that is long enough to sign";
  const settings = place.settings({ "server.jwt_secret": given });
  assert.equal(jwtSecretOf(settings, place.folder, systemRandom), given);
  assert.deepEqual(readdirSync(place.folder.path), []);
});

test("secrets of examples and short ones are refused by name, in files too", () => {
  const long = "a-string-secret-at-least-256-bits-long";
  for (const secret of ["a_very_secret_key", "default_secret", long]) {
    assert.throws(
      () => checkJwtSecret(secret, "server.jwt_secret"),
      (error) => isBadConfig(error) && (error as Error).message.includes(secret),
    );
  }
  assert.throws(() => checkJwtSecret("x".repeat(31), "server.jwt_secret"), isBadConfig);
  checkJwtSecret("x".repeat(32), "server.jwt_secret");
  using place = new Place();
  writeFileSync(join(place.folder.path, "jwt-secret"), "default_secret");
  assert.throws(() => jwtSecretOf(place.settings(), place.folder, systemRandom), isBadConfig);
});

test("a data folder that cannot be made is a bad setting", () => {
  using place = new Place();
  writeFileSync(join(place.path, "file"), "");
  assert.throws(() => new DataFolder(join(place.path, "file", "data")), isBadConfig);
});

test("where the data folder is", () => {
  const at = (environment: Record<string, string>, flag?: string): string =>
    dataFolderPath({ flag, environment, platform: "linux" });
  assert.equal(at({ OMNIBUS_DATA: "/o", XDG_DATA_HOME: "/x" }, "/f"), "/f");
  assert.equal(at({ OMNIBUS_DATA: "/o", XDG_DATA_HOME: "/x" }), "/o");
  assert.equal(at({ XDG_DATA_HOME: "/x" }), "/x/omnibus");
  assert.ok(at({ XDG_DATA_HOME: "relative" }).endsWith("/.local/share/omnibus"));
});

test("the default credentials hold on loopback only, and only as long as nobody is configured", () => {
  using place = new Place();
  const may = (flags: Partial<Record<SettingKey, unknown>>): boolean =>
    hasDefaultCredentials(place.settings(flags));
  assert.equal(may({}), true);
  for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost", "::ffff:127.0.0.1"]) {
    assert.equal(may({ "server.host": host }), true, host);
  }
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "127.evil.example"]) {
    assert.equal(may({ "server.host": host }), false, host);
  }
  assert.equal(may({ "server.tokens": ["t"] }), false);
  assert.equal(may({ "server.users": { ada: { password_hash: "h" } } }), false);
});

test("a server beyond loopback needs credentials of its own, and no short ones", () => {
  using place = new Place();
  const check = (flags: Partial<Record<SettingKey, unknown>>): void =>
    checkExposure(place.settings({ "server.host": "0.0.0.0", ...flags }));
  assert.throws(() => check({}), isBadConfig);
  assert.throws(() => check({ "server.tokens": ["short"] }), isBadConfig);
  check({ "server.tokens": ["a token of some length"] });
  check({ "server.jwt_secret": "x".repeat(32) });
  check({ "server.host": "127.0.0.1" });
});

test("a token that stands in examples opened a server beyond loopback", () => {
  using place = new Place();
  const at = (host: string, token: unknown): void =>
    checkExposure(place.settings({ "server.host": host, "server.tokens": [token] }));
  const guide = readFileSync(
    new URL("../../../../../docs/guide/server.md", import.meta.url),
    "utf8",
  );
  const [, ours = ""] = /token = "([^"]+)"/.exec(guide) ?? [];
  for (const token of ["supersecrettoken", "your-256-bit-secret", ours]) {
    for (const given of [token, { token, name: "sensors" }]) {
      assert.throws(
        () => at("0.0.0.0", given),
        (error) => isBadConfig(error) && (error as Error).message.includes(`"${token}"`),
      );
    }
    at("127.0.0.1", token);
  }
});

test("the local token is new at each start and gone at the end", () => {
  using place = new Place();
  const { folder } = place;
  const first = makeLocalToken(folder, 8080, systemRandom);
  const second = makeLocalToken(folder, 8080, systemRandom);
  assert.notEqual(first, second);
  assert.equal(readLocalToken(folder.path, 8080), second);
  assert.equal(readLocalToken(folder.path, 8081), undefined);
  assert.equal(readFileSync(join(folder.path, "local-token-8080"), "utf8"), `${second}\n`);
  if (process.platform !== "win32") {
    assert.equal(statSync(join(folder.path, "local-token-8080")).mode & 0o777, 0o600);
  }
  removeLocalToken(folder, 8080);
  assert.deepEqual(readdirSync(folder.path), []);
});

test("certificate and key go together and must be files", () => {
  using place = new Place();
  const read = (flags: Partial<Record<SettingKey, unknown>>): unknown =>
    readTlsFiles(place.settings(flags));
  assert.equal(read({}), undefined);
  assert.throws(() => read({ "server.tls_cert": "/none" }), /go together/);
  const missing = join(place.path, "none.pem");
  assert.throws(
    () => read({ "server.tls_cert": missing, "server.tls_key": missing }),
    /server\.tls_cert: .*none\.pem does not exist/,
  );
  const file = join(place.path, "bad.pem");
  writeFileSync(file, "no certificate");
  assert.throws(
    () => read({ "server.tls_cert": file, "server.tls_key": file }),
    /holds no certificate/,
  );
});
