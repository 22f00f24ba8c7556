import assert from "node:assert/strict";
import { once } from "node:events";
import test, { before, after } from "node:test";
import { findOnPath } from "./machine.ts";
import { Program } from "./program.ts";
import { StubClone, targetReady } from "./stub-clone.ts";

const isPosix = process.platform !== "win32";
const script = findOnPath("script");
const needsTerminal = {
  skip: script === undefined ? "needs script: apt-get install bsdutils" : false,
};

let clone: StubClone;

before(async () => {
  clone = await StubClone.create();
  await using program = clone.start();
  await targetReady(program);
});

after(() => clone[Symbol.asyncDispose]());

test("the exit code is given back", async () => {
  for (const wanted of [0, 1, 42]) {
    await using program = clone.start();
    await targetReady(program);
    program.write(`exit ${wanted}\n`);
    assert.equal((await program.ended).code, wanted);
  }
});

test("a program that dies by a signal gives 128 and its number", { skip: !isPosix }, async () => {
  await using program = clone.start();
  await targetReady(program);
  program.write("raise SIGKILL\n");
  assert.equal((await program.ended).code, 128 + 9);
});

test(
  "SIGTERM is passed on, and the program's own code comes back",
  { skip: !isPosix },
  async () => {
    await using program = clone.start();
    await targetReady(program);
    program.kill("SIGTERM");
    const { code, stdout } = await program.ended;
    assert.equal(code, 0);
    assert.match(stdout, /got SIGTERM\n$/);
  },
);

test("SIGHUP is passed on", { skip: !isPosix }, async () => {
  await using program = clone.start();
  await targetReady(program);
  program.kill("SIGHUP");
  await program.sees(/got SIGHUP/);
});

test("SIGHUP is not passed on where it was ignored at the start", { skip: !isPosix }, async () => {
  await using program = clone.start({ shell: `trap "" HUP; {} & echo "launcher $!"; wait $!` });
  const { pid } = await targetReady(program);
  const launcher = Number((await program.sees(/launcher (\d+)/))[1]);
  process.kill(launcher, "SIGHUP");
  process.kill(launcher, "SIGTERM");
  const { stdout } = await program.ended;
  assert.match(stdout, /got SIGTERM\n$/, "and nothing before it");
  assert.notEqual(pid, launcher);
});

test("a program under nohup does not end by a hangup of its own", { skip: !isPosix }, async () => {
  await using program = clone.start({ shell: `_=/usr/bin/nohup {}`, env: { _: "/usr/bin/nohup" } });
  const { flags } = await targetReady(program);
  assert.ok(
    flags.some((flag) => flag.includes("SIGHUP")),
    flags.join(" "),
  );
});

test(
  "SIGINT to the launcher alone, without a terminal, is passed on",
  { skip: !isPosix },
  async () => {
    await using program = clone.start();
    await targetReady(program);
    program.kill("SIGINT");
    await program.sees(/got SIGINT\n/);
    program.write("end\n");
    assert.match((await program.ended).stdout, /signals: SIGINT\n/);
  },
);

test("Ctrl-C at a terminal arrives once", needsTerminal, async () => {
  await using program = atTerminal(`node scripts/launch.mjs target.mjs`);
  await targetReady(program);
  program.write("\x03");
  await program.sees(/got SIGINT\s/);
  program.write("end\n");
  assert.match((await program.ended).stdout, /signals: SIGINT\s/);
});

test("Ctrl-C during the installation ends it with code 130", needsTerminal, async () => {
  await using fresh = await StubClone.create();
  fresh.registry.hold();
  await using program = atTerminal(
    `trap : INT; node scripts/launch.mjs target.mjs; echo "code $?"`,
    fresh,
  );
  await fresh.registry.asked();
  program.write("\x03");
  await program.sees(/code 130/);
  assert.ok(program.output.includes("\r\x1b[Komnibus: installing packages, 0 s"), program.output);
  fresh.registry.answer();
  await using next = fresh.start();
  await targetReady(next);
});

test("SIGTERM to npm's own process ends the program", { skip: !isPosix }, async () => {
  await using npm = startNpm();
  const { pid } = await targetReady(npm);
  npm.kill("SIGTERM");
  await npm.ended; // every holder of the output has ended
  assert.match(npm.output, /got SIGTERM/);
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
});

test(
  "npm's end by SIGKILL ends the program too",
  { skip: process.platform !== "linux" },
  async () => {
    await using npm = startNpm();
    const { pid } = await targetReady(npm);
    npm.kill("SIGKILL");
    await npm.ended;
    assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
  },
);

test(
  "only under npm does the program end with the shell that started it",
  { skip: !isPosix },
  async () => {
    const shell = `{} & echo "launcher $!"; read go; exit 0`;
    await using free = clone.start({ shell });
    await using watched = clone.start({ shell, env: { npm_lifecycle_event: "start" } });
    await Promise.all([targetReady(free), targetReady(watched)]);
    const launcher = Number((await free.sees(/launcher (\d+)/))[1]);
    free.write("go\n");
    await once(free.child, "exit");
    watched.write("go\n");
    assert.match((await watched.ended).stdout, /got SIGTERM\n$/);
    process.kill(launcher, "SIGTERM");
    assert.match((await free.ended).stdout, /got SIGTERM\n$/, "still there, and ended by this");
    assert.doesNotMatch(free.output, /SIGTERM SIGTERM/);
  },
);

function startNpm(): Program {
  const npm = findOnPath("npm");
  assert.ok(npm !== undefined);
  return new Program(npm, ["start"], { cwd: clone.root, env: clone.environment() });
}

function atTerminal(command: string, at: StubClone = clone): Program {
  return new Program(script as string, ["-qec", command, "/dev/null"], {
    cwd: at.root,
    env: at.environment({ SHELL: "/bin/sh" }),
  });
}
