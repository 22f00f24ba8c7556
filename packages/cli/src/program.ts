import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { benchCommand } from "./commands/bench.ts";
import { certCommand } from "./commands/cert.ts";
import { completionCommand } from "./commands/completion.ts";
import { pubCommand } from "./commands/pub.ts";
import { serveCommand } from "./commands/serve.ts";
import { subCommand } from "./commands/sub.ts";
import { tokenCommand } from "./commands/token.ts";
import { userCommand } from "./commands/user.ts";
import { examples } from "./examples.ts";

/** The whole tree of commands. Parsing throws `CommanderError` where commander would exit. */
export function createProgram(): Command {
  const program = new Command("omnibus")
    .description("A message bus that starts as a function call and grows into a network")
    .version(ownVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "show help")
    .helpCommand("help [command]", "show help for a command")
    .addHelpText(
      "after",
      examples([
        ["omnibus serve", "start a server on this machine"],
        ["omnibus sub 'chat/**'", "in another terminal: see what is published"],
        ["omnibus pub chat/general hello", "in a third one: publish"],
      ]),
    );
  for (const command of [
    serveCommand(),
    subCommand(),
    pubCommand(),
    certCommand(),
    userCommand(),
    tokenCommand(),
    benchCommand(),
    completionCommand(() => program),
  ]) {
    program.addCommand(command);
  }
  settle(program);
  return program;
}

/** What holds for every command; settings are not inherited by commands that are added. */
function settle(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(asSentence(text)) })
    .configureHelp({ showGlobalOptions: false });
  for (const child of command.commands) {
    child.helpOption("-h, --help", "show help");
    settle(child);
  }
}

/** Commander's message in the form of all our errors: one line, with the suggestion in it. */
function asSentence(text: string): string {
  const [first = "", ...rest] = text.trim().split("\n");
  const suggestion = rest.join(" ").replace(/^\(Did (.*)\)$/, "; did $1");
  return `omnibus: ${first.replace(/^error: /, "")}${suggestion}\n`;
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, "..", "package.json"), "utf8"),
  );
  return (manifest as { version: string }).version;
}
