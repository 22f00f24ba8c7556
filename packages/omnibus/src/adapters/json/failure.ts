import { OmnibusError } from "../../base/index.ts";
import type { JsonErrorCode } from "./error-table.ts";

/** How a connection answers its client. */
export interface ReplyPort {
  reply(text: string): void;
  /** Sends the error reply and, where the table says so, closes. */
  fail(code: JsonErrorCode, detail?: string): void;
  /** Stops reading from the client until `work` is done. */
  holdUntil(work: Promise<unknown>): void;
}

/** Whether the server would have done it at another time. */
export function isBusy({ code }: OmnibusError): boolean {
  return code === "overloaded" || code === "too-many" || code === "closed" || code === "going-away";
}

/** What to tell a client about an error of the bus: a code of the table, and details fit for strangers. */
export function failureOf(error: unknown): {
  readonly code: JsonErrorCode;
  readonly detail?: string;
} {
  if (error instanceof OmnibusError) {
    if (error.code === "denied") return { code: "denied" };
    if (error.code === "bad-topic") {
      return { code: "bad-topic", detail: error.message.replace(/^\[bad-topic\] /, "") };
    }
    if (isBusy(error)) return { code: "busy" };
  }
  return { code: "internal" };
}
