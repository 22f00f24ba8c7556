import { OmnibusError } from "../../base/index.ts";

/** Why nothing listens at an address, as one sentence with a way out. */
export function listenError(cause: unknown, host: string, port: number): OmnibusError {
  const code = (cause as { code?: unknown } | null)?.code;
  return new OmnibusError("connect-failed", sentence(code, host, port, cause), { cause });
}

function sentence(code: unknown, host: string, port: number, cause: unknown): string {
  switch (code) {
    case "EADDRINUSE":
      return `port ${port} on ${host} is used by another program; choose another with --port`;
    case "EACCES":
      return `port ${port} on ${host} may not be opened by this user; ports from 1024 on may`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine; choose another with --host`;
    default:
      return `port ${port} on ${host} cannot be opened: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
