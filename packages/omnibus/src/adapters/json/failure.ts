import { OmnibusError } from "../../base/index.ts";
import type { JsonErrorCode } from "./error-table.ts";

/** What an error is about. */
export interface ErrorSubject {
  /** As the client wrote it. */
  readonly topic?: string | undefined;
  readonly messageId?: string | undefined;
}

/** What an error reply says beside its code. */
export interface ErrorFacts extends ErrorSubject {
  /** Follows the message of the table. */
  readonly detail?: string | undefined;
}

/** How a connection answers its client. */
export interface ReplyPort {
  reply(text: string): void;
  /** Sends the error reply and, where the table says so, closes. */
  fail(code: JsonErrorCode, facts?: ErrorFacts): void;
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
