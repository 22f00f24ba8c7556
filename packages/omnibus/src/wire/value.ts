import { OmnibusError } from "../base/index.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { decodeCbor } from "./cbor-decode.ts";
import { encodeCbor } from "./cbor-encode.ts";
import {
  formatBytes,
  formatCbor,
  formatJson,
  formatText,
  type ValueFormat,
} from "./record-flags.ts";
import { asBadValue } from "./unsendable.ts";
import { decodeUtf8 } from "./utf8.ts";
import { checkText, maxValueDepth } from "./value-kind.ts";

/**
 * Appends a value in the format that it returns: bytes as they are, a string as UTF-8, anything else as
 * CBOR. Throws `bad-value` for what cannot travel, or the writer's `too-big`; then nothing was appended.
 */
export function encodeValue(value: unknown, into: ByteWriter): ValueFormat {
  if (typeof value === "string") {
    appendText(value, into);
    return formatText;
  }
  if (value instanceof Uint8Array) {
    into.raw(value);
    return formatBytes;
  }
  encodeCbor(value, into);
  return formatCbor;
}

/**
 * The value of a payload `bytes[start, end)`. In format `bytes` it is a view of the same memory, not a
 * copy: who wants it to outlive that memory copies it first. Throws `bad-value` if the payload is not of
 * its format, or nested more than 64 deep.
 */
export function decodeValue(
  format: ValueFormat,
  bytes: Uint8Array,
  start: number,
  end: number,
): unknown {
  switch (format) {
    case formatBytes:
      // Not `subarray`, which for a `Buffer` would be a `Buffer`.
      return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
    case formatText:
      return textOf(bytes, start, end);
    case formatJson:
      return decodeJson(bytes, start, end);
    case formatCbor:
      return decodeCbor(bytes, start, end);
  }
}

function appendText(text: string, into: ByteWriter): void {
  const start = into.at;
  try {
    checkText(text);
    into.utf8(text);
  } catch (error) {
    into.at = start;
    throw asBadValue(error, text, () => undefined);
  }
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  const text = decodeUtf8(bytes, start, end);
  if (text === undefined) throw new OmnibusError("bad-value", "text that is not UTF-8");
  return text;
}

function decodeJson(bytes: Uint8Array, start: number, end: number): unknown {
  checkJsonDepth(bytes, start, end);
  const text = textOf(bytes, start, end);
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new OmnibusError("bad-value", `text that is not JSON: ${reason}`, { cause: error });
  }
}

/** Counts the brackets that are open outside strings. What is not JSON may pass, and fail later. */
function checkJsonDepth(bytes: Uint8Array, start: number, end: number): void {
  let depth = 0;
  for (let at = start; at < end; at++) {
    switch (bytes[at]) {
      case 0x5b: // [
      case 0x7b: // {
        if (++depth <= maxValueDepth) break;
        throw new OmnibusError(
          "bad-value",
          `JSON nested more than ${maxValueDepth} deep, at byte ${at - start}`,
        );
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x22: // "
        at = stringEnd(bytes, at + 1, end);
        break;
      default:
    }
  }
}

/** Where the string ends whose first character is at `at`. */
function stringEnd(bytes: Uint8Array, at: number, end: number): number {
  for (; at < end; at++) {
    const byte = bytes[at];
    if (byte === 0x22) return at;
    if (byte === 0x5c) at++;
  }
  return end;
}
