import { type ErrorCode, OmnibusError } from "../base/index.ts";
import { closeCodes } from "./close-codes.ts";

/** No code was in the close frame (RFC 6455, 7.1.5); no failure. */
const noCode = 1005;

/** Why a native link over a WebSocket is closed, as the other side's close code says it; undefined if all is well. */
export function closeError(code: number, reason: string): OmnibusError | undefined {
  const known = Object.values(closeCodes).find((one) => one.code === code);
  const error: ErrorCode | undefined = known === undefined ? "closed" : known.error;
  if (error === undefined || code === noCode) return undefined;
  const said = reason === "" ? "" : `: ${reason}`;
  return new OmnibusError(error, `the link was closed with ${code}${said}`);
}
