import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import test from "node:test";
import { CliHome } from "./cli-home.ts";

test("the first lines say where it listens and what to do next", async () => {
  await using home = new CliHome();
  const { program, port } = await home.serve();
  await program.sees(/npx omnibus sub/);
  program.kill("SIGTERM");
  const { code, stdout } = await program.ended;
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `WebSocket server listening on ws://127.0.0.1:${port}\n` +
      `Data folder: ${home.path}/data\n` +
      `Console: http://127.0.0.1:${port}/\n` +
      `In another terminal, in the clone's folder: npx omnibus sub 'chat/**' --url tcp://127.0.0.1:${port} --data ${home.path}/data\n`,
  );
});

test("the line that it shows works as it stands", async () => {
  await using home = new CliHome();
  const { program } = await home.serve();
  const [, line = ""] = await program.sees(
    /In another terminal, in the clone's folder: npx (.*)\n/,
  );
  const sub = home.shell(line);
  await sub.sees(/^subscribed/m);
});

test("its young heap is small from the start, and stays so", async () => {
  await using home = new CliHome();
  const show = `
    import { getHeapSpaceStatistics } from "node:v8";
    process.on("exit", () => {
      const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
      process.stderr.write("young " + young.space_size + "\\n");
    });
  `;
  const preload = `--import=data:text/javascript,${encodeURIComponent(show)}`;
  const options = `${process.env["NODE_OPTIONS"] ?? ""} ${preload}`;
  const { program } = await home.serve([], { NODE_OPTIONS: options });
  program.kill("SIGTERM");
  const { code, stderr } = await program.ended;
  assert.equal(code, 0);
  const [, bytes] = /^young (\d+)$/m.exec(stderr) ?? [];
  assert.ok(Number(bytes) <= 8 * 1024 * 1024, `${bytes} bytes of young heap`);
});

test("a port in use is one sentence", async () => {
  await using home = new CliHome();
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const { code, stdout, stderr } = await home.run(["serve", "--port", String(port)]);
  holder.close();
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`^omnibus: .*${port}.*\\n$`));
});

test("an Omnibus server that has the port was called another program", async () => {
  await using home = new CliHome();
  const env = { OMNIBUS_DATA: "", XDG_DATA_HOME: join(home.path, "share") };
  await home.run(["cert", "--out", "."]);
  for (const tls of [[], ["--tls-cert", "cert.pem", "--tls-key", "key.pem"]]) {
    const { port } = await home.serve(tls, env);
    const { code, stdout, stderr } = await home.run(["serve", "--port", String(port)], { env });
    assert.deepEqual([code, stdout], [1, ""]);
    const url = `${tls.length === 0 ? "tcp" : "tls"}://127.0.0.1:${port}`;
    assert.equal(
      stderr,
      `omnibus: an Omnibus server, version 0.0.0, runs at 127.0.0.1:${port} already; ` +
        `use it (npx omnibus sub 'chat/**' --url ${url}), or start another one with --port\n`,
    );
  }
});

test("another program that has the port and says nothing is not waited for", async () => {
  await using home = new CliHome();
  const holder = createServer((socket) => socket.on("error", () => {}).resume()).listen(
    0,
    "127.0.0.1",
  );
  await once(holder, "listening");
  const { port } = holder.address() as AddressInfo;
  const beganMs = performance.now();
  const { code, stderr } = await home.run(["serve", "--port", String(port)]);
  holder.close();
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^omnibus: port \d+ on 127\.0\.0\.1 is used by another program; choose [^\n]+\n$/,
  );
  // A second of patience, and the start of a process on a busy machine.
  assert.ok(performance.now() - beganMs < 10_000);
});

test("what is wrong with its files and settings is one sentence", async () => {
  await using home = new CliHome();
  writeFileSync(join(home.path, "bad.pem"), "no certificate");
  writeFileSync(join(home.path, "bad.toml"), "[server]\nporte = 1\n");
  writeFileSync(join(home.path, "history.toml"), `broker.history = ["a//b"]\n`);
  const tls = (cert: string): string[] => ["--tls-cert", cert, "--tls-key", "bad.pem"];
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [tls("missing.pem"), 1, /missing\.pem does not exist/],
    [tls("bad.pem"), 1, /bad\.pem holds no certificate/],
    [["--tls-cert", "bad.pem"], 1, /go together/],
    [["--config", "missing.toml"], 1, /missing\.toml does not exist/],
    [["--config", "bad.toml"], 1, /server\.porte .*bad\.toml.*did you mean server\.port/],
    [["--host", "0.0.0.0"], 1, /server\.users/],
    [["--data", "bad.pem/data"], 1, /data folder/],
    [["--data", "bad.pem"], 1, /data folder \S*bad\.pem cannot be made/],
    [["--config", "history.toml"], 1, /broker\.history \(history\.toml\) must be/],
    [["--config", "."], 1, /\. cannot be read/],
    [["--allow-origin", "app.example.com"], 1, /origins such as https/],
    [["--token", "x"], 2, /unknown option '--token'/],
    [["surplus"], 2, /too many arguments/],
    [["--port", "99999"], 2, /from 0 to 65535/],
    [["--prot", "1"], 2, /did you mean --port\?/],
    [["--log-level", "loud"], 2, /Allowed choices/],
  ];
  for (const [args, wanted, sentence] of cases) {
    const { code, stdout, stderr } = await home.run(["serve", "--port", "0", ...args]);
    assert.equal(code, wanted, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
    assert.match(stderr, /^omnibus: [^\n]+\n$/);
  }
});

test("--print-config shows each value and its origin, and no secret", async () => {
  await using home = new CliHome();
  writeFileSync(join(home.path, ".env"), `BROKER_MAX_CONNECTIONS=7\n`);
  const env = { SERVER_HOST: "localhost", SERVER_JWT_SECRET: "s".repeat(32) };
  const { code, stdout } = await home.run(["serve", "--port", "1", "--print-config"], { env });
  assert.equal(code, 0);
  assert.match(stdout, /^server\.port = 1 +# flag --port$/m);
  assert.match(stdout, /^server\.host = "localhost" +# environment SERVER_HOST$/m);
  assert.match(stdout, /^broker\.max_connections = 7 +# .*\.env BROKER_MAX_CONNECTIONS$/m);
  assert.doesNotMatch(stdout, /ssss/);
  assert.ok(!existsSync(join(home.path, "data")), "and nothing is written");
});

test("cert makes a pair that serves and is trusted", async () => {
  await using home = new CliHome();
  const made = await home.run(["cert", "--out", "tls", "--host", "bus.example"]);
  assert.equal(`${made.code}${made.stderr}`, "0");
  const key = join(home.path, "tls", "key.pem");
  assert.equal(statSync(key).mode & 0o777, 0o600);
  const server = await home.serve(["--tls-cert", "tls/cert.pem", "--tls-key", "tls/key.pem"]);
  assert.match(server.url, /^tls:/);
  for (const host of ["localhost", "127.0.0.1"]) {
    const url = `tls://${host}:${server.port}`;
    const trusting = await home.run(["pub", "a", "x", "--url", url, "--ca", "tls/cert.pem"]);
    assert.equal(`${trusting.code}${trusting.stderr}`, "0", host);
  }
  const wary = await home.run(["pub", "a", "x", "--url", server.url]);
  assert.equal(wary.code, 1);
  assert.match(wary.stderr, /^omnibus: [^\n]*certificate[^\n]*\n$/);
});

test("cert says which folder it cannot make", async () => {
  await using home = new CliHome();
  writeFileSync(join(home.path, "file"), "");
  for (const out of ["file", "file/folder", ...(existsSync("/proc/self") ? ["/proc/x"] : [])]) {
    const { code, stderr } = await home.run(["cert", "--out", out]);
    assert.equal(code, 1, out);
    assert.match(stderr, new RegExp(`^omnibus: [^\\n]*${out}[^\\n]*\\n$`));
  }
});

test("cert replaces nothing unless it is told to", async () => {
  await using home = new CliHome();
  await home.run(["cert", "--out", "."]);
  const before = readFileSync(join(home.path, "cert.pem"), "utf8");
  const again = await home.run(["cert", "--out", "."]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /^omnibus: .*cert\.pem exists already; --force replaces it\n$/);
  assert.equal(readFileSync(join(home.path, "cert.pem"), "utf8"), before);
  assert.equal((await home.run(["cert", "--out", ".", "--force"])).code, 0);
  assert.notEqual(readFileSync(join(home.path, "cert.pem"), "utf8"), before);
});

test("user hash makes what the configuration takes", async () => {
  await using home = new CliHome();
  const { stdout, code } = await home.run(["user", "hash"], { input: "correct horse\n" });
  assert.equal(code, 0);
  writeFileSync(
    join(home.path, "bus.toml"),
    `[server.users.ada]\npassword_hash = "${stdout.trim()}"\n`,
  );
  const { url } = await home.serve(["--config", "bus.toml"]);
  const pub = (password: string): Promise<{ code: number | null }> =>
    home.run(["pub", "a", "x", "--url", url, "--user", "ada"], {
      env: { OMNIBUS_PASSWORD: password },
    });
  assert.equal((await pub("correct horse")).code, 0);
  assert.equal((await pub("wrong horse")).code, 1);
  const empty = await home.run(["user", "hash"]);
  assert.equal(empty.code, 1);
  assert.equal(empty.stderr, "omnibus: the password is empty\n");
});

test("tokens are signed with the configured secret, and end in time", async () => {
  await using home = new CliHome();
  const env = {
    SERVER_JWT_SECRET: "0123456789abcdef0123456789abcdef",
    SERVER_ROLES: '{"reader":{}}',
  };
  const { url } = await home.serve([], env);
  const pub = (token: string): Promise<{ code: number | null }> =>
    home.run(["pub", "a", "x", "--url", url, "--token", token]);
  const signed = await home.run(["token", "--sub", "ada", "--role", "reader"], { env });
  assert.equal((await pub(signed.stdout.trim())).code, 0);
  const foreign = await home.run(["token", "--sub", "ada"]);
  assert.equal((await pub(foreign.stdout.trim())).code, 1);
  const wrong = await home.run(["token", "--sub", "ada", "--expires", "soon"]);
  assert.equal(wrong.code, 2);
});

test("a token that may do nothing is signed with a warning, which the token does not mix with", async () => {
  await using home = new CliHome();
  const env = {
    SERVER_JWT_SECRET: "0123456789abcdef0123456789abcdef",
    SERVER_ROLES: '{"reader":{}}',
  };
  const cases = [
    [
      ["--sub", "ada", "--role", "raeder"],
      /^omnibus: warning: there is no role "raeder", it grants nothing; server\.roles has reader; did you mean reader\?\n$/,
    ],
    [
      ["--sub", "ada"],
      /^omnibus: warning: server\.users has no "ada", who may do nothing without a role\n$/,
    ],
    [["--sub", "ada", "--role", "reader"], /^$/],
  ] as const;
  for (const [args, warning] of cases) {
    const { code, stdout, stderr } = await home.run(["token", ...args], { env });
    assert.equal(code, 0);
    assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    assert.match(stderr, warning);
  }
});
