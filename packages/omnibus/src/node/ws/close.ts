import { isUtf8 } from "node:buffer";
import type { CloseReason } from "../../bus/index.ts";

/** What a close code stands for. */
export interface CloseFacts {
  readonly code: number;
  /** Sent as the reason when the closer gives no better words. */
  readonly meaning: string;
}

/** The WebSocket close code of every reason (DESIGN 13.9). The documents are generated from this. */
export const closeTable: Readonly<Record<CloseReason, CloseFacts>> = {
  normal: { code: 1000, meaning: "done" },
  "going-away": { code: 1001, meaning: "the server is shutting down" },
  "too-big": { code: 1009, meaning: "larger than the message limit" },
  full: { code: 1013, meaning: "the server has as many connections as it may have" },
  "bad-protocol": { code: 4400, meaning: "not what the protocol allows" },
  "not-authenticated": { code: 4401, meaning: "credentials are missing, wrong or expired" },
  denied: { code: 4403, meaning: "not permitted" },
  timeout: { code: 4408, meaning: "nothing came in time" },
  overloaded: { code: 4409, meaning: "too slow for what it asked for" },
  "too-many": { code: 4429, meaning: "too many of something" },
};

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
