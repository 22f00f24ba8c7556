import { isUtf8 } from "node:buffer";
import { closeCodes, type CloseReason } from "../../link/index.ts";

/** What a close code stands for. */
export interface CloseFacts {
  readonly code: number;
  /** Sent as the reason when the closer gives no better words. */
  readonly meaning: string;
}

const meanings: Readonly<Record<CloseReason, string>> = {
  normal: "done",
  "going-away": "the server is shutting down",
  "too-big": "larger than the message limit",
  full: "the server has as many connections as it may have",
  "bad-protocol": "not what the protocol allows",
  "not-authenticated": "credentials are missing, wrong or expired",
  denied: "not permitted",
  timeout: "nothing came in time",
  overloaded: "too slow for what it asked for",
  "too-many": "too many of something",
};

/** Every reason with its code and what it means (DESIGN 13.9). The documents are generated from this. */
export const closeTable: Readonly<Record<CloseReason, CloseFacts>> = Object.fromEntries(
  (Object.keys(meanings) as CloseReason[]).map((reason) => [
    reason,
    { code: closeCodes[reason].code, meaning: meanings[reason] },
  ]),
) as Record<CloseReason, CloseFacts>;

/** Codes of RFC 6455, section 7.4.1, that the frame reader ends a connection with. */
export const protocolClose = {
  protocolError: 1002,
  badData: 1007,
  policy: 1008,
  tooBig: 1009,
} as const;

/** No code was in the close frame (RFC 6455, 7.1.5). */
export const noCode = 1005;
/** The connection ended without a close frame (RFC 6455, 7.1.5). */
export const abnormal = 1006;

/** Whether a close frame may carry this code (RFC 6455, 7.4.1 and 7.4.2, and IANA's later ones). */
export function isSendableCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== noCode && code !== abnormal;
}

/** A close frame's content. */
export interface CloseContent {
  readonly code: number;
  readonly reason: string;
}

/** What is wrong with a close frame: the code to answer with, and words for the log. */
export interface CloseFault {
  readonly faultCode: number;
  readonly text: string;
}

/** The content of a received close frame's payload (RFC 6455, 5.5.1). */
export function parseClosePayload(payload: Buffer): CloseContent | CloseFault {
  if (payload.length === 0) return { code: noCode, reason: "" };
  if (payload.length === 1) {
    return { faultCode: protocolClose.protocolError, text: "a close code of one byte" };
  }
  const code = payload.readUInt16BE(0);
  if (!isSendableCode(code)) {
    return { faultCode: protocolClose.protocolError, text: `close code ${code} may not be sent` };
  }
  if (!isUtf8(payload.subarray(2))) {
    return { faultCode: protocolClose.badData, text: "a close reason that is not UTF-8" };
  }
  return { code, reason: payload.toString("utf8", 2) };
}

const maxReasonBytes = 123;

/** The payload of a close frame; a reason over 123 bytes is cut between characters. */
export function encodeClosePayload(code: number, reason: string): Buffer {
  const text = Buffer.from(reason, "utf8");
  let length = Math.min(text.length, maxReasonBytes);
  // Not inside a character: continuation bytes look like 10xxxxxx.
  if (length < text.length) while (((text[length] ?? 0) & 0xc0) === 0x80) length--;
  const payload = Buffer.allocUnsafe(2 + length);
  payload.writeUInt16BE(code, 0);
  text.copy(payload, 2, 0, length);
  return payload;
}
