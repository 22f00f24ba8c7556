import { readFileSync } from "node:fs";
import { get as getHttp, type IncomingMessage, type RequestOptions } from "node:http";
import { get as getHttps } from "node:https";
import type { Clock } from "../../base/index.ts";

/** The header by which `/healthz` says that this is an Omnibus server, and of which version. */
export const versionHeader = "Omnibus-Version";

/** The version of the package that this server is part of. */
export function serverVersion(): string {
  const manifest = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What is known of a server that was asked. */
export interface FoundServer {
  readonly version: string;
  readonly isTls: boolean;
}

/** Where to ask, and for how long. */
export interface FindServerOptions {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  /** Default: 1,000. */
  readonly timeoutMs?: number;
}

/**
 * Asks whoever listens at that address whether it is an Omnibus server; undefined if it is none, or says
 * nothing in time. Its certificate is not looked at: nothing is told to it.
 */
export async function findServer(options: FindServerOptions): Promise<FoundServer | undefined> {
  const { host, port, clock, timeoutMs = 1000 } = options;
  const giveUp = new AbortController();
  const timer = clock.setTimer(timeoutMs, () => giveUp.abort());
  const request = { host, port, path: "/healthz", agent: false, signal: giveUp.signal };
  try {
    for (const isTls of [false, true]) {
      const version = await versionBy(isTls ? getHttps : getHttp, request);
      if (version !== undefined) return { version, isTls };
    }
    return undefined;
  } finally {
    timer.cancel();
  }
}

type Get = (
  options: RequestOptions & { rejectUnauthorized: boolean },
) => ReturnType<typeof getHttp>;

function versionBy(get: Get, options: RequestOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ ...options, rejectUnauthorized: false });
    request.once("error", () => resolve(undefined));
    request.once("response", (response: IncomingMessage) => {
      const said = response.headers[versionHeader.toLowerCase()];
      resolve(typeof said === "string" && /^[\w.+-]{1,64}$/.test(said) ? said : undefined);
      request.destroy();
    });
  });
}
