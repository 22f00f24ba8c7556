import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { type Bus, openBus } from "omnibus";
import { CommandError } from "../failure.ts";
import type { ConnectFlags } from "./connect-options.ts";
import { chooseCredentials } from "./credentials.ts";
import { LocalServers } from "./local-servers.ts";
import { isLocal, serverAddress } from "./server-address.ts";

/** An open bus and the server that it is connected to. */
export interface Connection {
  readonly bus: Bus;
  /** The address, for people. */
  readonly address: string;
  /** Connects again after the server has refused to, with the token that it has by now. */
  readonly enterAgain: () => Promise<void>;
}

/** Connects to the server that the flags, the environment or the data folder name. */
export async function connect(flags: ConnectFlags): Promise<Connection> {
  const local = new LocalServers(flags.data);
  const given = { flag: flags.url, variable: process.env["OMNIBUS_URL"] };
  const isNamed = given.flag !== undefined || (given.variable ?? "") !== "";
  const localPorts = isNamed ? [] : await local.ports();
  const url = serverAddress({ ...given, localPorts: () => localPorts });
  let credentials = await chooseCredentials(url, flags, local);
  const address = url.href.replace(/\/$/, "");
  const { ca, realm } = flags;
  try {
    const bus = await openBus({
      connect: url.href,
      credentials,
      realm,
      strict: false,
      ...(ca !== undefined && { ca: readFileSync(ca, "utf8") }),
    });
    const enterAgain = async (): Promise<void> => {
      const renewed = await chooseCredentials(url, flags, local);
      if (isDeepStrictEqual(renewed, credentials)) throw new CommandError("nothing has changed");
      credentials = renewed;
      await bus.dial(url.href, renewed);
    };
    return { bus, address, enterAgain };
  } catch (error) {
    const folder = isLocal(url) ? local.folder : undefined;
    throw explained(error, { address, shown: credentials.kind, folder });
  }
}

/** What to do about it, where that is known. */
function explained(
  error: unknown,
  facts: {
    readonly address: string;
    /** The kind of credentials. */
    readonly shown: string;
    /** Where a token for a server of this machine was looked for. */
    readonly folder: string | undefined;
  },
): unknown {
  const { address, shown, folder } = facts;
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  if (code === "connect-failed" && cause?.code === "ECONNREFUSED") {
    return new CommandError(
      `nothing listens at ${address}; start a server with \`omnibus serve\`, or name another with --url`,
      { cause: error },
    );
  }
  if (code === "not-authenticated" && shown === "anonymous") {
    const elsewhere =
      folder === undefined
        ? ""
        : `; or --data with the server's data folder, if it is yours (there is no token for it in ${folder})`;
    return new CommandError(
      `${address} wants to know who you are: give --token or --user${elsewhere}`,
      { cause: error },
    );
  }
  if (code === "not-authenticated") {
    return new CommandError(`${address} does not accept this ${shown}`, { cause: error });
  }
  return error;
}
