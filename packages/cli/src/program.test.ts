import assert from "node:assert/strict";
import test from "node:test";
import type { Command } from "commander";
import { settingKeys, settingTable } from "omnibus/server";
import { createProgram } from "./program.ts";

/** Parses without running anything; gives what was written to standard error. */
async function complaint(...args: string[]): Promise<string> {
  const program = createProgram();
  let told = "";
  visit(program, (command) => {
    const output = command.configureOutput();
    command.configureOutput({ ...output, writeErr: (text) => (told += text) });
    if (command.commands.length === 0) command.action(() => {});
  });
  await program.parseAsync(args, { from: "user" }).catch(() => {});
  return told;
}

function visit(command: Command, call: (command: Command) => void): void {
  call(command);
  for (const child of command.commands) visit(child, call);
}

test("wrong usage is one sentence with a suggestion", async () => {
  assert.equal(await complaint("srve"), "omnibus: unknown command 'srve'; did you mean serve?\n");
  assert.equal(
    await complaint("serve", "--prot", "1"),
    "omnibus: unknown option '--prot'; did you mean --port?\n",
  );
  assert.equal(await complaint("sub"), "omnibus: missing required argument 'pattern'\n");
  assert.match(
    await complaint("sub", "a", "--count", "0"),
    /^omnibus: .*'0' is invalid\. .*at least 1\.\n$/,
  );
  assert.match(
    await complaint("pub", "a", "b", "c"),
    /^omnibus: too many arguments for 'pub'\. .*\n$/,
  );
  assert.match(await complaint("sub", "a", "--token", "x", "--user", "y"), /cannot be used with/);
});

test("what is right is not complained about", async () => {
  assert.equal(await complaint("serve", "--port", "9000", "--allow-origin", "https://a"), "");
  assert.equal(await complaint("user", "hash"), "");
  assert.equal(await complaint("bench", "--rows", "B1", "--full"), "");
  assert.equal(await complaint("token", "--sub", "ada", "--role", "a", "--role", "b"), "");
});

test("every command has help with examples", () => {
  visit(createProgram(), (command) => {
    if (command.name() === "user") return; // only gathers others
    let help = "";
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    assert.match(help, /Usage: /);
    assert.match(help, /\nExamples:\n {2}/, command.name());
    for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
  });
});

test("every flag that the settings name is one of omnibus serve", () => {
  const serve = createProgram().commands.find((command) => command.name() === "serve");
  const flags = serve?.options.map(({ long }) => long) ?? [];
  for (const key of settingKeys) {
    const { flag } = settingTable[key];
    if (flag !== undefined) assert.ok(flags.includes(flag), flag);
  }
});

test("no secret has a flag of omnibus serve: command lines are seen by everybody", () => {
  const serve = createProgram().commands.find((command) => command.name() === "serve");
  const flags = serve?.options.map(({ long }) => long) ?? [];
  for (const key of settingKeys) {
    if (settingTable[key].isSecret !== true) continue;
    assert.equal(settingTable[key].flag, undefined, key);
    const last = key.split(/[._]/).at(-1) ?? "";
    assert.ok(!flags.some((flag) => flag?.includes(last.replace(/s$/, ""))), key);
  }
});
