import { type Command, Option } from "commander";
import type { Realm } from "omnibus";

/** How a command reaches a server: what `addConnectOptions` adds. */
export interface ConnectFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly user?: string;
  readonly ca?: string;
  readonly data?: string;
  readonly realm: Realm;
}

const realms: readonly Realm[] = ["user", "lan", "global"];

/** The options of every command that talks to a server. */
export function addConnectOptions(command: Command): Command {
  return command
    .option("-u, --url <url>", "the server: tcp://, tls://, ws:// or wss:// (env: OMNIBUS_URL)")
    .option("--token <token>", "a token that the server accepts (env: OMNIBUS_TOKEN)")
    .addOption(
      new Option(
        "--token-file <file>",
        "a file with the token, which no list of processes shows",
      ).conflicts("token"),
    )
    .addOption(
      new Option(
        "--user <name>",
        "log in; the password is asked for (env: OMNIBUS_PASSWORD)",
      ).conflicts(["token", "tokenFile"]),
    )
    .option("--ca <file>", "a certificate to trust, as `omnibus cert` makes it")
    .option("--data <folder>", "the data folder of a server on this machine")
    .addOption(
      new Option("--realm <realm>", "how far messages may travel")
        .choices(realms)
        .default("global"),
    );
}
