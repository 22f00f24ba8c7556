import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { after, before } from "node:test";
import type { Program } from "../launcher/program.ts";
import { CliHome, type Serving } from "./cli-home.ts";

let home: CliHome;
let server: Serving;

before(async () => {
  home = new CliHome();
  server = await home.serve();
});

after(() => home[Symbol.asyncDispose]());

/** Starts `sub`, and resolves when it misses nothing any more. */
async function subscribed(...args: readonly string[]): Promise<Program> {
  const program = home.start(["sub", ...args]);
  await program.sees(/^subscribed/m);
  return program;
}

function valuesOf(lines: string): unknown[] {
  const messages = lines
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { value: unknown });
  return messages.map(({ value }) => value);
}

test("what is published arrives, as JSON lines in a pipe", async () => {
  const sub = await subscribed("chat/**", "--count", "2");
  assert.deepEqual(await home.run(["pub", "chat/general", "hello"]), {
    code: 0,
    signal: null,
    stdout: "",
    stderr: "",
  });
  await home.run(["pub", "chat/other", '{"a": [1, "b"]}', "--json"]);
  const { code, stdout } = await sub.ended;
  assert.equal(code, 0);
  const [first, second] = stdout.split("\n").map((line) => (line === "" ? {} : JSON.parse(line)));
  assert.deepEqual({ ...first, time: 0 }, { topic: "chat/general", time: 0, value: "hello" });
  assert.deepEqual(
    { ...second, time: 0 },
    { topic: "chat/other", time: 0, value: { a: [1, "b"] } },
  );
});

test("lines of standard input are messages, in order and whole", async () => {
  const count = 50_000;
  const lines = Array.from({ length: count }, (_, i) => `line ${i} ${"ü".repeat(i % 50)}`);
  const sub = await subscribed("lines", "--count", String(count));
  const { code, stderr } = await home.run(["pub", "lines"], { input: lines.join("\r\n") });
  assert.equal(`${code}${stderr}`, "0");
  assert.deepEqual(valuesOf((await sub.ended).stdout), lines);
});

test("lines are sent as they come", async () => {
  const sub = await subscribed("live");
  const pub = home.start(["pub", "live"]);
  pub.write("one\n");
  await sub.sees(/"one"/);
  pub.write("two\nthr");
  await sub.sees(/"two"/);
  pub.child.stdin?.end("ee");
  await sub.sees(/"three"/);
  assert.equal((await pub.ended).code, 0);
});

test("a line that is not JSON is named, and those before it have been sent", async () => {
  const sub = await subscribed("json", "--count", "2");
  const ended = await home.run(["pub", "json", "--json"], { input: '1\n\n{"a":2}\nx\n3\n' });
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^omnibus: line 4 is not JSON\n$/);
  assert.deepEqual(valuesOf((await sub.ended).stdout), [1, { a: 2 }]);
});

test("a reader that has seen enough ends it quietly", async () => {
  const sub = home.shell(`omnibus sub 'enough/**' | head -1; echo "codes \${PIPESTATUS[*]}"`);
  await sub.sees(/^subscribed/m);
  const pub = home.start(["pub", "enough/a"]);
  const feeder = setInterval(() => pub.write("x\n"), 20);
  try {
    const { stdout, stderr } = await sub.ended;
    assert.match(stdout, /^\{.*\}\ncodes 0 0\n$/);
    assert.match(stderr, /^subscribed.*\n$/);
  } finally {
    clearInterval(feeder);
  }
});

test("help that nobody reads to its end is no error", async () => {
  const help = home.shell(`omnibus serve --help | true; echo "codes \${PIPESTATUS[*]}"`);
  const { stdout, stderr } = await help.ended;
  assert.equal(`${stdout}${stderr}`, "codes 0 0\n");
});

test("a slow reader slows the publisher down, and nothing is lost", async () => {
  const count = 60_000;
  const slowly = `awk '{ for (i = 0; i < 300; i++) sum += i } END { print NR, $NF }'`;
  const sub = home.shell(`omnibus sub slow --count ${count} | ${slowly}`);
  await sub.sees(/^subscribed/m);
  const input = Array.from({ length: count }, (_, i) => `${"x".repeat(300)} ${i}`).join("\n");
  const pub = await home.run(["pub", "slow"], { input });
  assert.equal(`${pub.code}${pub.stderr}`, "0");
  assert.equal((await sub.ended).stdout, `${count} ${count - 1}"}\n`);
});

test("Ctrl-C ends a subscription with 0", async () => {
  const sub = await subscribed("chat/**");
  sub.kill("SIGINT");
  assert.equal((await sub.ended).code, 0);
});

test("--url may be an address of any protocol of the port", async () => {
  for (const url of [server.url, `127.0.0.1:${server.port}`, `ws://localhost:${server.port}/`]) {
    const { code, stderr } = await home.run(["pub", "chat/general", "x", "--url", url]);
    assert.equal(`${code}${stderr}`, "0", url);
  }
  const { code } = await home.run(["pub", "a", "x"], { env: { OMNIBUS_URL: server.url } });
  assert.equal(code, 0);
});

test("a server of somebody else wants to know who we are", async () => {
  const elsewhere = { OMNIBUS_DATA: `${home.path}/elsewhere`, OMNIBUS_URL: server.url };
  const nobody = await home.run(["pub", "a", "x"], { env: elsewhere });
  assert.equal(nobody.code, 1);
  assert.match(
    nobody.stderr,
    /^omnibus: .* who you are: give --token or --user; or --data .* no token for it in \S+elsewhere\)\n$/,
  );
  const wrong = await home.run(["pub", "a", "x", "--token", "wrong"], { env: elsewhere });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^omnibus: .* does not accept this token\n$/);
  const token = (await home.run(["token", "--sub", "ada"])).stdout.trim();
  const ada = await home.run(["pub", "a", "x", "--token", token], { env: elsewhere });
  assert.equal(`${ada.code}${ada.stderr}`, "0");
  const env = { ...elsewhere, OMNIBUS_PASSWORD: "password" };
  const admin = await home.run(["pub", "a", "x", "--user", "admin"], { env });
  assert.equal(`${admin.code}${admin.stderr}`, "0");
});

test("a wrong topic or pattern is told at once, with 2, although no server is there", async () => {
  const nowhere = ["--url", "tcp://127.0.0.1:1"];
  for (const [args, sentence] of [
    [["pub", "a//b", "x"], /^omnibus: .*a\/\/b/],
    [["pub", "chat/*", "x"], /^omnibus: .*chat\/\*/],
    [["pub", ""], /^omnibus: /],
    [["sub", "a/**/b"], /^omnibus: .*a\/\*\*\/b/],
  ] as const) {
    const { code, stdout, stderr } = await home.run([...args, ...nowhere]);
    assert.equal(code, 2, args.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, sentence);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.doesNotMatch(stderr, /listens/);
  }
});

test("a token may stand in a file", async () => {
  await using other = new CliHome();
  const token = await home.run(["token", "--sub", "ada"]);
  const file = join(other.path, "token");
  writeFileSync(file, token.stdout);
  const pub = (path: string): Promise<{ code: number | null; stderr: string }> =>
    other.run(["pub", "a", "x", "--url", server.url, "--token-file", path]);
  const good = await pub(file);
  assert.equal(`${good.code}${good.stderr}`, "0");
  writeFileSync(file, "\n");
  assert.match((await pub(file)).stderr, /^omnibus: \S+ is empty; .*\n$/);
  const missing = await pub("missing");
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^omnibus: missing: it does not exist\n$/);
});

test("a message that the server does not take is an error", async () => {
  await using own = new CliHome();
  const { url } = await own.serve([], { BROKER_MAX_MESSAGE_BYTES: "1024" });
  const { code, stderr } = await own.run(["pub", "a", "--url", url], {
    input: `small\n${"x".repeat(500_000)}\n`,
  });
  assert.equal(code, 1);
  assert.match(stderr, /^omnibus: a message to a was not sent: .* takes at most \d+ bytes\n$/);
});

test("a server that is full says so, and nothing waits for it", async () => {
  await using own = new CliHome();
  const { url, port } = await own.serve(["--max-connections", "1"]);
  const sub = own.start(["sub", "a", "--url", url]);
  await sub.sees(/^subscribed/m);
  for (const at of [url, `ws://127.0.0.1:${port}`]) {
    const { code, stderr } = await own.run(["pub", "a", "x", "--url", at]);
    assert.equal(code, 1);
    assert.match(stderr, /^omnibus: [^\n]*as many connections as it may have\n$/);
  }
});

test("what the server does not permit is an error", async () => {
  await using own = new CliHome();
  writeFileSync(
    join(own.path, "bus.toml"),
    `[[server.tokens]]\ntoken = "0123456789abcdef"\npublish = ["a/**"]\nsubscribe = ["a/**"]\n`,
  );
  const { url } = await own.serve(["--config", "bus.toml"]);
  const env = { OMNIBUS_URL: url, OMNIBUS_TOKEN: "0123456789abcdef" };
  const allowed = await own.run(["pub", "a/b", "x"], { env });
  assert.equal(`${allowed.code}${allowed.stderr}`, "0");
  const input = "x\n".repeat(10_000);
  for (const ended of [
    await own.run(["pub", "b", "x"], { env }),
    await own.run(["pub", "b"], { env, input }),
    await own.run(["sub", "b"], { env }),
  ]) {
    assert.equal(ended.code, 1);
    assert.match(ended.stderr, /^(subscribed.*\n)?omnibus: .* may not (publish|subscribe) to b\n$/);
  }
});

test("wrong usage is 2, and what fails is 1, in one sentence each", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["sbu", "a"], 2, /^omnibus: unknown command 'sbu'; did you mean sub\?\n$/],
    [["sub"], 2, /^omnibus: missing required argument 'pattern'\n$/],
    [["sub", "a", "--count", "x"], 2, /^omnibus: .*whole number, at least 1\.\n$/],
    [["pub", "a//b", "x"], 2, /^omnibus: .+\n$/],
    [["pub", "a", "{x", "--json"], 2, /^omnibus: with --json .*\n$/],
    [["sub", "a", "--url", "mqtt://x"], 2, /^omnibus: --url must be .*\n$/],
    [["sub", "a", "--url", "127.0.0.1:1"], 1, /^omnibus: nothing listens at .*\n$/],
    [["sub", "a", "--ca", "missing.pem"], 1, /^omnibus: missing\.pem: it does not exist\n$/],
  ];
  for (const [args, code, stderr] of cases) {
    const ended = await home.run(args);
    assert.equal(ended.code, code, args.join(" "));
    assert.match(ended.stderr, stderr);
    assert.equal(ended.stdout, "");
  }
});

test("version and help are no errors", async () => {
  const version = await home.run(["--version"]);
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/);
  const help = await home.run(["help", "sub"]);
  assert.match(help.stdout, /^Usage: omnibus sub/);
  assert.deepEqual([version.code, help.code, version.stderr, help.stderr], [0, 0, "", ""]);
});

test("a server that goes away ends a publisher, and a subscriber waits for the next", async () => {
  await using own = new CliHome();
  const first = await own.serve();
  const pub = own.start(["pub", "a", "--url", first.url]);
  const sub = own.start(["sub", "a", "--url", first.url]);
  await sub.sees(/^subscribed/m);
  pub.write("x\n");
  await sub.sees(/"x"/);
  first.program.kill("SIGTERM");
  assert.equal((await first.program.ended).code, 0);
  const ended = await pub.ended;
  assert.equal(ended.code, 1);
  assert.match(ended.stderr, /^omnibus: the connection to .* was lost after 1 messages.*\n$/);
  await sub.sees(/is lost; trying again/);
  // It is new, and so is the token in its data folder.
  await own.serve(["--port", String(first.port)]);
  await sub.sees(/connected to .* again/);
  const again = await own.run(["pub", "a", "y", "--url", first.url]);
  assert.equal(`${again.code}${again.stderr}`, "0");
  await sub.sees(/"y"/);
});
