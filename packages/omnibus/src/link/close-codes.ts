import type { ErrorCode } from "../base/index.ts";

/** Reasons to end a connection that a close code can tell. */
export type CloseReason =
  | "normal"
  | "going-away"
  | "too-big"
  | "full"
  | "bad-protocol"
  | "not-authenticated"
  | "denied"
  | "timeout"
  | "overloaded"
  | "too-many";

/** How a reason stands in a close frame, and what it is to a program of ours that is told. */
export interface CloseCode {
  readonly code: number;
  /** The code of the error; undefined where all is well. */
  readonly error: ErrorCode | undefined;
}

/** The WebSocket close code of every reason (DESIGN 13.9), for those who send and those who are told. */
export const closeCodes: Readonly<Record<CloseReason, CloseCode>> = {
  normal: { code: 1000, error: undefined },
  "going-away": { code: 1001, error: "going-away" },
  "too-big": { code: 1009, error: "too-big" },
  full: { code: 1013, error: "too-many" },
  "bad-protocol": { code: 4400, error: "bad-frame" },
  "not-authenticated": { code: 4401, error: "not-authenticated" },
  denied: { code: 4403, error: "denied" },
  timeout: { code: 4408, error: "timeout" },
  overloaded: { code: 4409, error: "overloaded" },
  "too-many": { code: 4429, error: "too-many" },
};
