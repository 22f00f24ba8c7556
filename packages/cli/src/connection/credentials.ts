import { readFileSync } from "node:fs";
import type { BusOptions } from "omnibus";
import { CommandError } from "../failure.ts";
import type { ConnectFlags } from "./connect-options.ts";
import type { LocalServers } from "./local-servers.ts";
import { isLocal, portOf } from "./server-address.ts";

/** What is shown to the server. */
export type Credentials = NonNullable<BusOptions["credentials"]>;

/**
 * The user or the token that the flags or the environment name; else, for a server of this user on this machine, the token
 * that it keeps in its data folder (DESIGN 13.12); else none.
 */
export async function chooseCredentials(
  url: URL,
  { token: flag, tokenFile, user }: ConnectFlags,
  local: Pick<LocalServers, "token">,
): Promise<Credentials> {
  if (user !== undefined) return { kind: "password", user, password: await passwordOf(user) };
  if (tokenFile !== undefined) return { kind: "token", token: tokenIn(tokenFile) };
  const token = flag ?? process.env["OMNIBUS_TOKEN"] ?? "";
  if (token !== "") return { kind: "token", token };
  const localToken = isLocal(url) ? local.token(portOf(url)) : undefined;
  return localToken === undefined ? { kind: "anonymous" } : { kind: "token", token: localToken };
}

function tokenIn(file: string): string {
  const token = readFileSync(file, "utf8").trim();
  if (token === "") throw new CommandError(`${file} is empty; --token-file wants a token in it`);
  return token;
}

async function passwordOf(user: string): Promise<string> {
  const given = process.env["OMNIBUS_PASSWORD"];
  if (given !== undefined && given !== "") return given;
  const { askPasswords } = await import("../terminal/ask-password.ts");
  const [password = ""] = await askPasswords([`Password of ${user}: `], "set OMNIBUS_PASSWORD");
  return password;
}
