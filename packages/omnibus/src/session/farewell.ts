import { crc32Short, type OmnibusError } from "../base/index.ts";
import {
  byeType,
  frameHashBytes,
  maxFrameOverheadBytes,
  writeControlHeader,
  writeFrameHead,
  writeHash,
} from "../wire/index.ts";
import { encodeBye } from "./handshake.ts";

/** Room for the header of a run that is no message. */
const maxControlHeaderBytes = 9;

/**
 * A whole frame that says goodbye with a reason, for a connection that no session is begun on: a node
 * that has enough of them still says why. [WIRE-11.3]
 */
export function farewellFrame(error: OmnibusError): Uint8Array {
  const content = encodeBye(error);
  const run = new Uint8Array(maxControlHeaderBytes + content.length);
  const contentStart = writeControlHeader(run, 0, byeType, content.length);
  run.set(content, contentStart);
  const runBytes = contentStart + content.length;
  const frame = new Uint8Array(maxFrameOverheadBytes + runBytes);
  const headEnd = writeFrameHead(frame, 0, runBytes, true);
  frame.set(run.subarray(0, runBytes), headEnd);
  const crc = crc32Short(frame, 0, headEnd, crc32Short(run, 0, runBytes, 0));
  writeHash(frame, headEnd + runBytes, crc);
  return frame.subarray(0, headEnd + runBytes + frameHashBytes);
}
