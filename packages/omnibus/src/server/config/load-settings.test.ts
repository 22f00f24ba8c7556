import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { OmnibusError } from "../../base/index.ts";
import { loadSettings, type SettingSources } from "./load-settings.ts";
import { printSettings } from "./print-settings.ts";
import { settingKeys, settingTable, variableOf } from "./settings.ts";

/** An empty folder with the files of `files`, by their names. */
class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "omnibus-settings-"));

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(join(this.path, "config"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.path, name), text);
  }

  load(sources: Partial<SettingSources> = {}): ReturnType<typeof loadSettings> {
    return loadSettings({ flags: {}, environment: {}, folder: this.path, ...sources });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

function refuses(act: () => unknown, ...parts: (string | RegExp)[]): void {
  assert.throws(act, (error) => {
    assert.ok(error instanceof OmnibusError);
    assert.equal(error.code, "bad-config");
    for (const part of parts) {
      if (typeof part === "string") assert.ok(error.message.includes(part), error.message);
      else assert.match(error.message, part);
    }
    return true;
  });
}

test("without sources every setting has its built-in value, which its own schema allows", () => {
  using folder = new Folder();
  const { settings, origins } = folder.load();
  for (const key of settingKeys) {
    assert.equal(settings[key], settingTable[key].builtIn);
    assert.equal(origins[key], "built in");
    const { builtIn, kind } = settingTable[key];
    if (builtIn !== undefined) assert.ok(kind.schema.safeParse(builtIn).success, key);
  }
});

test("flag, environment, .env, --config, config/default.toml: the first that has a value wins", () => {
  using folder = new Folder({
    ".env": "SERVER_PORT=3",
    "my.toml": "server.port = 4",
    "config/default.toml": "[server]\nport = 5",
  });
  const configFile = join(folder.path, "my.toml");
  const environment = { SERVER_PORT: "2" };
  const flags = { "server.port": "1" };
  const portOf = (sources: Partial<SettingSources>): [number, string] => {
    const { settings, origins } = folder.load(sources);
    return [settings["server.port"], origins["server.port"].replace(folder.path, "")];
  };
  assert.deepEqual(portOf({ flags, environment, configFile }), [1, "flag --port"]);
  assert.deepEqual(portOf({ environment, configFile }), [2, "environment SERVER_PORT"]);
  assert.deepEqual(portOf({ configFile }), [3, "/.env SERVER_PORT"]);
  rmSync(join(folder.path, ".env"));
  assert.deepEqual(portOf({ configFile }), [4, "/my.toml"]);
  assert.deepEqual(portOf({}), [5, "/config/default.toml"]);
});

test("every setting of the seed has its variable, with and without OMNIBUS_", () => {
  using folder = new Folder();
  const values = {
    SERVER_HOST: "::",
    SERVER_PORT: "9000",
    SERVER_JWT_SECRET: "x".repeat(32),
    BROKER_MAX_CONNECTIONS: "5000",
    BROKER_MESSAGE_TTL_SECS: "60",
  };
  const check = ({ settings }: ReturnType<typeof loadSettings>): void => {
    assert.equal(settings["server.host"], "::");
    assert.equal(settings["server.port"], 9000);
    assert.equal(settings["server.jwt_secret"], "x".repeat(32));
    assert.equal(settings["broker.max_connections"], 5000);
    assert.equal(settings["broker.message_ttl_secs"], 60);
  };
  check(folder.load({ environment: values }));
  const prefixed = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`OMNIBUS_${name}`, value]),
  );
  check(folder.load({ environment: { ...prefixed, SERVER_HOST: "ignored" } }));
  assert.equal(new Set(settingKeys.map(variableOf)).size, settingKeys.length);
});

test("an empty variable is as good as none", () => {
  using folder = new Folder();
  assert.equal(folder.load({ environment: { SERVER_PORT: "" } }).settings["server.port"], 8080);
});

test("lists and tables in every form", () => {
  using folder = new Folder({
    "config/default.toml": `
      [server]
      tokens = ["abc", { token = "def", name = "robot", publish = ["a/**"] }]
      [server.users.ada]
      password_hash = "$scrypt$x"
      subscribe = ["chat/**"]
      [broker]
      history = ["chat/**", "news"]`,
  });
  const { settings } = folder.load();
  assert.deepEqual(settings["server.tokens"], [
    "abc",
    { token: "def", name: "robot", publish: ["a/**"] },
  ]);
  assert.deepEqual(settings["server.users"], {
    ada: { password_hash: "$scrypt$x", subscribe: ["chat/**"] },
  });
  assert.deepEqual(settings["broker.history"], ["chat/**", "news"]);
  const environment = { SERVER_TOKENS: "one, two", SERVER_USERS: '{"bob":{"password_hash":"h"}}' };
  const fromText = folder.load({ environment }).settings;
  assert.deepEqual(fromText["server.tokens"], ["one", "two"]);
  assert.deepEqual(fromText["server.users"], { bob: { password_hash: "h" } });
});

describe("what is wrong is refused with key, place and what is allowed", () => {
  test("a wrong type in a file", () => {
    using folder = new Folder({ "config/default.toml": 'server.port = "many"' });
    refuses(() => folder.load(), "server.port", "default.toml", "from 0 to 65535", '"many"');
  });

  test("a wrong value in a variable, a flag and .env", () => {
    using folder = new Folder();
    refuses(
      () => folder.load({ environment: { OMNIBUS_SERVER_PORT: "70000" } }),
      "OMNIBUS_SERVER_PORT",
    );
    refuses(() => folder.load({ flags: { "server.port": "x" } }), "flag --port");
    writeFileSync(join(folder.path, ".env"), "BROKER_MAX_CONNECTIONS=0");
    refuses(() => folder.load(), "broker.max_connections", ".env BROKER_MAX_CONNECTIONS");
  });

  test("an unknown key, with the one that was meant", () => {
    using folder = new Folder({ "config/default.toml": "broker.max_conections = 5" });
    refuses(() => folder.load(), "broker.max_conections", "did you mean broker.max_connections?");
    writeFileSync(join(folder.path, "config/default.toml"), "colour = 'red'");
    refuses(() => folder.load(), "colour", "the keys are server.host, ");
  });

  test("an unknown variable that bears our name; others are left alone", () => {
    using folder = new Folder();
    refuses(
      () => folder.load({ environment: { OMNIBUS_SERVER_PROT: "1" } }),
      "OMNIBUS_SERVER_PROT",
      "did you mean server.port?",
    );
    folder.load({ environment: { SERVER_PROT: "1", BROKER_URL: "x", OMNIBUS_DATA: "y" } });
  });

  test("a secret is not repeated", () => {
    using folder = new Folder({ "config/default.toml": "server.tokens = 'hunter2-hunter2'" });
    assert.throws(
      () => folder.load(),
      (error) => error instanceof OmnibusError && !error.message.includes("hunter2"),
    );
  });

  test("a user's unknown role gave every right: it ends the start", () => {
    using folder = new Folder({
      "config/default.toml":
        '[server.roles.sensors]\npublish = ["sensor/**"]\n' +
        '[server.users.ada]\npassword_hash = "h"\nroles = ["snesors"]',
    });
    refuses(
      () => folder.load(),
      "server.users.ada.roles (",
      "default.toml",
      'there is no role "snesors"; server.roles has sensors; did you mean sensors?',
    );
    const tokens = '[{"token":"hunter2","roles":["x"]}]';
    refuses(
      () => folder.load({ environment: { SERVER_TOKENS: tokens, SERVER_USERS: "{}" } }),
      'the roles of token-1 in server.tokens (environment SERVER_TOKENS): there is no role "x"',
    );
  });

  test("a wrong key in a user's table named neither the user nor the key", () => {
    using folder = new Folder({
      "config/default.toml": '[server.users.ada]\npassword = "hello-hello"',
    });
    refuses(() => folder.load(), "server.users.ada: there is no key password in it");
    assert.throws(
      () => folder.load(),
      (error) => error instanceof OmnibusError && !error.message.includes("hello"),
    );
    writeFileSync(join(folder.path, "config/default.toml"), 'server.tokens = [{ tokn = "x" }]');
    refuses(() => folder.load(), "server.tokens.0: there is no key tokn in it");
    writeFileSync(join(folder.path, "config/default.toml"), "server.users.bob.password_hash = 5");
    refuses(() => folder.load(), "wrong is server.users.bob.password_hash");
  });

  test("a wrong value in a file passed while a flag went before it", () => {
    using folder = new Folder({ "config/default.toml": 'server.port = "abc"' });
    refuses(() => folder.load({ flags: { "server.port": 1 } }), "server.port", "default.toml");
  });

  test("a table in a variable: nothing said that it is JSON", () => {
    using folder = new Folder();
    refuses(
      () => folder.load({ environment: { SERVER_ROLES: "sensors" } }),
      "in a variable as JSON",
    );
  });

  test("a slip in a file: the sentence did not name the line", () => {
    using folder = new Folder({ "config/default.toml": "a = 1\n[b\nc = 2" });
    refuses(() => folder.load(), "default.toml is not TOML in line 2: ");
  });

  test("files that are missing or no TOML", () => {
    using folder = new Folder({ "my.toml": "= 5" });
    refuses(
      () => folder.load({ configFile: join(folder.path, "none.toml") }),
      "none.toml does not exist",
    );
    refuses(() => folder.load({ configFile: join(folder.path, "my.toml") }), "my.toml is not TOML");
  });
});

test("all settings are shown with their origins, and no secret", () => {
  using folder = new Folder();
  const shown = printSettings(
    folder.load({
      flags: { "server.port": "1" },
      environment: { SERVER_TOKENS: "hunter2", SERVER_JWT_SECRET: "hunter3".repeat(5) },
    }),
  );
  assert.match(shown, /^server\.port = 1 +# flag --port$/m);
  assert.match(shown, /^server\.host = "127\.0\.0\.1" +# built in$/m);
  assert.match(shown, /^server\.tokens = "\(hidden\)" +# environment SERVER_TOKENS$/m);
  assert.doesNotMatch(shown, /hunter/);
});
