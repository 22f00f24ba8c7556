import { type ErrorCode, OmnibusError } from "../base/index.ts";
import { closeCodes } from "./close-codes.ts";

/** No code was in the close frame (RFC 6455, 7.1.5); no failure. */
const noCode = 1005;

const errorByCode: ReadonlyMap<number, ErrorCode | undefined> = new Map([
  [noCode, undefined],
  ...Object.values(closeCodes).map(({ code, error }) => [code, error] as const),
]);

/** Why a native link over a WebSocket is closed, as the other side's close code says it; undefined if all is well. */
export function closeError(code: number, reason: string): OmnibusError | undefined {
  const error = errorByCode.has(code) ? errorByCode.get(code) : "closed";
  if (error === undefined) return undefined;
  const said = reason === "" ? "" : `: ${reason}`;
  return new OmnibusError(error, `the link was closed with ${code}${said}`);
}
