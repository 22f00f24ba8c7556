import { Command } from "commander";
import { CommandError } from "../failure.ts";
import { examples } from "../examples.ts";

/** `omnibus user hash`. */
export function userHashCommand(): Command {
  return new Command("hash")
    .summary("hash a password for the configuration")
    .description(
      "Ask for a password without showing it, or take the first line of standard input, and print\n" +
        "the hash that stands as password_hash of a user in the configuration.",
    )
    .addHelpText(
      "after",
      examples([
        ["omnibus user hash", "asks twice"],
        ["pass show bus/ada | omnibus user hash", "from a password store"],
      ]),
    )
    .action(async () => {
      const password = process.stdin.isTTY ? await askTwice() : await firstLine();
      if (password === "") throw new CommandError("the password is empty");
      if (Buffer.byteLength(password) > maxBytes) {
        throw new CommandError(`the password is longer than ${maxBytes} bytes`);
      }
      const { hashPassword, systemRandom } = await import("omnibus/server");
      const hash = await hashPassword(password, systemRandom);
      if (process.stdout.isTTY) {
        process.stderr.write("In the configuration:\n\n[server.users.NAME]\n");
        process.stdout.write(`password_hash = "${hash}"\n`);
      } else {
        process.stdout.write(`${hash}\n`);
      }
    });
}

/** The server takes no longer ones. */
const maxBytes = 1024;

async function askTwice(): Promise<string> {
  const { askPasswords } = await import("../terminal/ask-password.ts");
  const questions = ["Password: ", "Again: "];
  const [password = "", again] = await askPasswords(questions, "write it to standard input");
  if (again === password) return password;
  throw new CommandError("the two passwords differ");
}

async function firstLine(): Promise<string> {
  const { splitLines } = await import("../terminal/split-lines.ts");
  for await (const { lines } of splitLines(process.stdin)) {
    const [line] = lines;
    if (line !== undefined) return line;
  }
  return "";
}
