import { Command } from "commander";
import { userHashCommand } from "./user-hash.ts";

/** `omnibus user`, which only gathers commands. */
export function userCommand(): Command {
  return new Command("user")
    .summary("passwords of users")
    .description("What the configuration says of users.")
    .helpCommand("help [command]", "show help for a command")
    .addCommand(userHashCommand());
}
