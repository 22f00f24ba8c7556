import { type ErrorCode, OmnibusError } from "../base/index.ts";
import type { CloseReason } from "../bus/index.ts";
import { closeTable } from "../node/index.ts";

/** Why a connection is not taken although it is a good one. */
export type Unadmitted = "full" | "too-many" | "draining";

interface UnadmittedFacts {
  /** The close code of a WebSocket. */
  readonly close: CloseReason;
  /** The code of a native goodbye. */
  readonly code: ErrorCode;
  readonly text: string;
}

/** What the other side is told; the setting that would help is for its operator. */
export const unadmittedTable: Readonly<Record<Unadmitted, UnadmittedFacts>> = {
  full: { close: "full", code: "too-many", text: closeTable.full.meaning },
  "too-many": {
    close: "too-many",
    code: "too-many",
    text: "too many connections from this address",
  },
  draining: { close: "going-away", code: "going-away", text: closeTable["going-away"].meaning },
};

/** The same as an error of the native protocol. */
export function unadmittedError(reason: Unadmitted): OmnibusError {
  const { code, text } = unadmittedTable[reason];
  return new OmnibusError(code, text);
}
