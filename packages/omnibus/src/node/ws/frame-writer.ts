import { randomFillSync } from "node:crypto";
import type { Prepared } from "../../bus/index.ts";
import { applyMask } from "./mask.ts";
import { opcode } from "./opcode.ts";

/** No server frame's header is larger. */
export const maxServerHeaderBytes = 10;

/** Size of the header of an unmasked frame (RFC 6455, 5.2). */
export function headerBytes(payloadBytes: number): number {
  if (payloadBytes < 126) return 2;
  return payloadBytes < 65_536 ? 4 : 10;
}

/** Writes the header of a final, unmasked frame at `target[0]`; returns its size (RFC 6455, 5.2). */
export function writeHeader(target: Buffer, frameOpcode: number, payloadBytes: number): number {
  target[0] = 0x80 | frameOpcode;
  if (payloadBytes < 126) {
    target[1] = payloadBytes;
    return 2;
  }
  if (payloadBytes < 65_536) {
    target[1] = 126;
    target.writeUInt16BE(payloadBytes, 2);
    return 4;
  }
  target[1] = 127;
  target.writeUInt32BE(Math.floor(payloadBytes / 2 ** 32), 2);
  target.writeUInt32BE(payloadBytes >>> 0, 6);
  return 10;
}

/** One unmasked frame with its payload. Bytes are copied. */
export function encodeFrame(frameOpcode: number, payload: Uint8Array): Buffer {
  const header = headerBytes(payload.length);
  const frame = Buffer.allocUnsafe(header + payload.length);
  writeHeader(frame, frameOpcode, payload.length);
  frame.set(payload, header);
  return frame;
}

/** One unmasked text frame. Halves of surrogate pairs become U+FFFD. */
export function encodeTextFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = headerBytes(length);
  const frame = Buffer.allocUnsafe(header + length);
  writeHeader(frame, opcode.text, length);
  frame.write(text, header);
  return frame;
}

/** A message as one frame that any number of connections can send without copying it. */
export class PreparedFrame implements Prepared {
  /** Header and payload. Never changed. */
  readonly frame: Buffer;
  readonly byteLength: number;

  constructor(payload: string | Uint8Array) {
    this.frame =
      typeof payload === "string" ? encodeTextFrame(payload) : encodeFrame(opcode.binary, payload);
    const second = (this.frame[1] as number) & 0x7f;
    this.byteLength = this.frame.length - (second < 126 ? 2 : second === 126 ? 4 : 10);
  }
}

const keyPool = Buffer.allocUnsafeSlow(4096);
let nextKey = keyPool.length;

/** A masking key that nobody can guess (RFC 6455, 5.3); made many at a time. */
function newKey(): number {
  if (nextKey === keyPool.length) {
    randomFillSync(keyPool);
    nextKey = 0;
  }
  const key = keyPool.readInt32LE(nextKey);
  nextKey += 4;
  return key;
}

/** The same frame as a client sends it: a masked copy. */
export function maskFrame(frame: Buffer): Buffer {
  const short = frame[1] as number;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  const key = newKey();
  const masked = Buffer.allocUnsafe(frame.length + 4);
  frame.copy(masked, 0, 0, header);
  masked[1] = short | 0x80;
  masked.writeInt32LE(key, header);
  frame.copy(masked, header + 4, header);
  applyMask(masked, header + 4, masked.length, key);
  return masked;
}

/** One binary frame of `length` bytes in `chunks`, which are copied; masked if a client sends it. */
export function gatherFrame(
  chunks: readonly Uint8Array[],
  length: number,
  isMasked: boolean,
): Buffer {
  const header = headerBytes(length);
  const start = isMasked ? header + 4 : header;
  const frame = Buffer.allocUnsafe(start + length);
  writeHeader(frame, opcode.binary, length);
  let at = start;
  for (const chunk of chunks) {
    frame.set(chunk, at);
    at += chunk.length;
  }
  if (!isMasked) return frame;
  const key = newKey();
  frame[1] = (frame[1] as number) | 0x80;
  frame.writeInt32LE(key, header);
  applyMask(frame, start, frame.length, key);
  return frame;
}
