import { findServer, type Settings, systemClock } from "omnibus/server";
import { CommandError } from "../failure.ts";
import { type FirstLinesFacts, subCommand } from "./first-lines.ts";

/**
 * What to tell of an error at the start: if it is another Omnibus server that has the port, which one and
 * how to go on; else the error itself.
 */
export async function explainTakenPort(
  error: unknown,
  settings: Settings,
  facts: Pick<FirstLinesFacts, "dataFolder" | "isFolderUnusual">,
): Promise<unknown> {
  const cause =
    error instanceof Error ? (error.cause as { code?: unknown } | undefined) : undefined;
  if (cause?.code !== "EADDRINUSE") return error;
  const { "server.host": host, "server.port": port } = settings;
  const found = await findServer({ host: reachable(host), port, clock: systemClock });
  if (found === undefined) return error;
  const at = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const command = subCommand({ url: `${found.isTls ? "wss" : "ws"}://${at}`, ...facts });
  return new CommandError(
    `an Omnibus server, version ${found.version}, runs at ${at} already; ` +
      `use it (${command}), or start another one with --port`,
    { cause: error },
  );
}

function reachable(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
