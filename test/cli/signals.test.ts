import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { resolve } from "node:path";
import test from "node:test";
import { findOnPath } from "../launcher/machine.ts";
import { CliHome, quoted, type Serving } from "./cli-home.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const isPosix = process.platform !== "win32";
const posix = { skip: isPosix ? false : "needs POSIX signals" };
const needsTerminal = {
  skip: findOnPath("script") === undefined ? "needs script: apt-get install bsdutils" : false,
};
const underNpm = { npm_lifecycle_event: "start" };

/**
 * A JSON connection that never answers a close: the drain has to wait for it until the deadline, so
 * that there is time for a second signal.
 */
async function holdOpen({ port }: Serving): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const key = "dGhlIHNhbXBsZSBub25jZQ==";
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
  await once(socket, "data");
  return socket;
}

/** Rejects if the port cannot be listened at. */
async function assertFree(port: number): Promise<void> {
  const holder = createServer().listen(port, "127.0.0.1");
  await once(holder, "listening");
  holder.close();
  await once(holder, "close");
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} drains, with code 0 and a free port`, posix, async () => {
    await using home = new CliHome();
    const { program, port } = await home.serve();
    program.kill(signal);
    const { code, stderr } = await program.ended;
    assert.equal(code, 0);
    assert.match(stderr, /ending/);
    await assertFree(port);
  });
}

test("a drain ended in the middle where the last connection broke in it", posix, async () => {
  await using home = new CliHome();
  const server = await home.serve();
  const stuck = home.start(["sub", "**", "--url", server.url]);
  await stuck.sees(/^subscribed/m);
  stuck.kill("SIGSTOP");
  const input = `${"x".repeat(100)}\n`.repeat(50_000);
  await home.run(["pub", "t", "--url", server.url], { input });
  server.program.kill("SIGTERM");
  await server.program.sees(/ending/);
  stuck.kill("SIGKILL");
  const { code, stderr } = await server.program.ended;
  assert.equal(code, 0);
  assert.match(stderr, /"msg":"ended"/);
  assert.deepEqual(
    readdirSync(`${home.path}/data`).filter((name) => name.startsWith("local-token")),
    [],
  );
});

test("a second SIGTERM changes nothing", posix, async () => {
  await using home = new CliHome();
  const server = await home.serve([], { SERVER_DRAIN_SECS: "1" });
  await holdOpen(server);
  server.program.kill("SIGTERM");
  await server.program.sees(/ending/);
  server.program.kill("SIGTERM");
  assert.equal((await server.program.ended).code, 0);
});

test("a second interrupt ends at once with 130", posix, async () => {
  await using home = new CliHome();
  const server = await home.serve([], { SERVER_DRAIN_SECS: "3600" });
  await holdOpen(server);
  server.program.kill("SIGINT");
  await server.program.sees(/ending/);
  server.program.kill("SIGINT");
  assert.equal((await server.program.ended).code, 130);
});

test("under npm two interrupts at the same time are one", posix, async () => {
  await using home = new CliHome();
  const server = await home.serve([], { ...underNpm, SERVER_DRAIN_SECS: "1" });
  await holdOpen(server);
  server.program.kill("SIGINT");
  await server.program.sees(/ending/);
  server.program.kill("SIGINT");
  assert.equal((await server.program.ended).code, 0);
});

test("a server ignores a hangup that was ignored when it was started", posix, async () => {
  await using home = new CliHome();
  const { program } = await home.serve([], { OMNIBUS_SIGHUP: "ignored" });
  program.kill("SIGHUP");
  program.kill("SIGTERM");
  assert.equal((await program.ended).code, 0);
});

/** `npm start` in this clone, on a free port. */
function npmStart(options = ""): string {
  return `cd ${quoted(ROOT)} && npm start -- --port 0 ${options}`;
}

test("Ctrl-C once at a terminal under npm start drains", needsTerminal, async () => {
  await using home = new CliHome();
  const program = home.terminal(`trap : INT; ${npmStart()}`, { SERVER_DRAIN_SECS: "1" });
  const server = await home.serving(program);
  await holdOpen(server);
  program.write("\x03");
  // npm's own code is its shell's, which the interrupt ends, too; the server's last word counts.
  assert.match((await program.ended).stdout, /ending[^]*ended\s/);
  await assertFree(server.port);
});

test("Ctrl-C at a terminal without npm ends it with 0", needsTerminal, async () => {
  await using home = new CliHome();
  const launch = `node ${quoted(`${ROOT}/scripts/launch.mjs`)} packages/cli/src/main.ts`;
  const program = home.terminal(`trap : INT; ${launch} serve --port 0; echo "code $?"`);
  const server = await home.serving(program);
  program.write("\x03");
  assert.match((await program.ended).stdout, /ended\s+code 0\s*$/);
  await assertFree(server.port);
});

test("a later second Ctrl-C ends npm start at once", needsTerminal, async () => {
  await using home = new CliHome();
  const program = home.terminal(`trap : INT; ${npmStart()}; echo "code $?"`, {
    SERVER_DRAIN_SECS: "3600",
  });
  const server = await home.serving(program);
  await holdOpen(server);
  server.program.write("\x03");
  await server.program.sees(/ending/);
  // What ends the server is the first one that comes after the window.
  const typing = setInterval(() => server.program.write("\x03"), 100);
  try {
    assert.match((await server.program.ended).stdout, /code 130\s*$/);
  } finally {
    clearInterval(typing);
  }
  await assertFree(server.port);
});

test("SIGTERM to npm's own process ends the server and frees the port", posix, async () => {
  await using home = new CliHome();
  const program = home.shell(`exec bash -c ${quoted(npmStart().replace("npm", "exec npm"))}`);
  const server = await home.serving(program);
  const beganMs = performance.now();
  program.kill("SIGTERM");
  await program.ended; // every holder of its output has ended
  assert.ok(performance.now() - beganMs < 3000);
  await assertFree(server.port);
});

test("Ctrl-C before the subscription stands ends it with 130", needsTerminal, async () => {
  await using home = new CliHome();
  // It accepts and then says nothing: whoever subscribes there never gets so far.
  const silent = createServer().listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const url = `tcp://127.0.0.1:${port}`;
  const program = home.terminal(`trap : INT; omnibus sub 'a/**' --url ${url}; echo "code $?"`);
  await once(silent, "connection");
  program.write("\x03");
  await program.sees(/code 130/);
  silent.close();
});

test("a subscriber at a terminal is made for reading", needsTerminal, async () => {
  await using home = new CliHome();
  const { url } = await home.serve();
  const program = home.terminal(`omnibus sub 'chat/**' --url ${url}; echo "code $?"`);
  await program.sees(/^subscribed/m);
  await home.run(["pub", "chat/general", "hello"]);
  await program.sees(/^\d\d:\d\d:\d\d\.\d{3} chat\/general {2}hello\r$/m);
  program.write("\x03");
  await program.sees(/code 0/);
});

test("a password is asked for and not shown", needsTerminal, async () => {
  await using home = new CliHome();
  const { url } = await home.serve();
  const env = { OMNIBUS_DATA: `${home.path}/elsewhere` };
  const program = home.terminal(
    `echo x | omnibus pub a --user admin --url ${url}; echo "code $?"`,
    env,
  );
  await program.sees(/Password of admin: /);
  program.write("password\r");
  const { stdout } = await program.ended;
  assert.match(stdout, /code 0/);
  assert.doesNotMatch(stdout, /password/);
});

test("user hash asks twice", needsTerminal, async () => {
  await using home = new CliHome();
  const program = home.terminal(`omnibus user hash; echo "code $?"`);
  await program.sees(/Password: /);
  program.write("secret\r");
  await program.sees(/Again: /);
  program.write("secret\r");
  const { stdout } = await program.ended;
  assert.match(stdout, /password_hash = "\$scrypt\$.*"\s+code 0/);
  assert.doesNotMatch(stdout, /secret/);
});
