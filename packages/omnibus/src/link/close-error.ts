import { type ErrorCode, OmnibusError } from "../base/index.ts";

/** Codes of close frames that are no failure: done, and none given (RFC 6455, 7.4.1 and 7.1.5). */
const goodCodes: readonly number[] = [1000, 1005];

/** The close codes that servers of ours send (DESIGN 13.9), as codes of errors. */
const errorByCode: ReadonlyMap<number, ErrorCode> = new Map([
  [1001, "going-away"],
  [1009, "too-big"],
  [1013, "too-many"],
  [4400, "bad-frame"],
  [4401, "not-authenticated"],
  [4403, "denied"],
  [4408, "timeout"],
  [4409, "overloaded"],
  [4429, "too-many"],
]);

/** Why a native link over a WebSocket is closed, as the other side's close code says it; undefined if all is well. */
export function closeError(code: number, reason: string): OmnibusError | undefined {
  if (goodCodes.includes(code)) return undefined;
  const said = reason === "" ? "" : `: ${reason}`;
  return new OmnibusError(
    errorByCode.get(code) ?? "closed",
    `the link was closed with ${code}${said}`,
  );
}
