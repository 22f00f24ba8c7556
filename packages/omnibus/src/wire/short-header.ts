import { messageType } from "./run-type.ts";
import { writeVarint } from "./varint.ts";

/** Writes the first bytes of a run that is not a message; returns where its content belongs. */
export function writeControlHeader(
  bytes: Uint8Array,
  at: number,
  typeAndFlags: number,
  contentBytes: number,
): number {
  bytes[at++] = typeAndFlags;
  return writeVarint(bytes, at, contentBytes);
}

/**
 * Writes the hop header of a message of our own to one address, of which nothing else is to be said, at the
 * beginning of `bytes`; returns where its body belongs. All that a leaf sends is of this kind. [WIRE-4.1]
 */
export function writeOwnHeader(
  bytes: Uint8Array,
  destination: number,
  scope: number,
  bodyBytes: number,
): number {
  bytes[0] = messageType;
  let at = writeVarint(bytes, 1, destination);
  at = writeVarint(bytes, at, 0);
  bytes[at++] = scope;
  return writeVarint(bytes, at, bodyBytes);
}
