import { type RawSocket, upTo } from "../harness/raw-socket.ts";

/** RFC 6455, 5.2: opcodes with the final bit. */
export const TEXT = 0x81;
export const BINARY = 0x82;
export const PING = 0x89;
export const PONG = 0x8a;

const MASKED = 0x80;
const SHORT_LIMIT = 126;
const MEDIUM_LIMIT = 65_536;
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A frame as a server sends it. */
export function serverFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([head(opcode, payload.length, 0), payload]);
}

/** A frame as a client sends it; the mask is 0, which leaves the payload as it is. */
export function clientFrame(opcode: number, payload: Uint8Array): Buffer {
  return Buffer.concat([head(opcode, payload.length, MASKED), Buffer.alloc(4), payload]);
}

function head(opcode: number, length: number, mask: number): Buffer {
  if (length < SHORT_LIMIT) return Buffer.from([opcode, mask | length]);
  if (length < MEDIUM_LIMIT) {
    return Buffer.from([opcode, mask | SHORT_LIMIT, length >> 8, length & 0xff]);
  }
  const bytes = Buffer.alloc(10);
  bytes[0] = opcode;
  bytes[1] = mask | 127;
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Opens a WebSocket by hand (RFC 6455, 4.1). */
export async function upgrade(socket: RawSocket, path: string, protocol?: string): Promise<void> {
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Version: 13",
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  await socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  const answer = await socket.readUntil(upTo("\r\n\r\n"));
  if (!answer.toString("latin1").startsWith("HTTP/1.1 101")) {
    throw new Error(`no WebSocket: ${answer.toString("latin1").split("\r\n")[0]}`);
  }
}

/** Reads one short frame, such as the answers of a handshake; gives its payload. */
export async function readFrame(socket: RawSocket): Promise<Buffer> {
  const frame = await socket.readUntil((bytes) => {
    const length = bytes[1];
    if (length === undefined) return undefined;
    if (length < SHORT_LIMIT) return bytes.length < 2 + length ? undefined : 2 + length;
    if (bytes.length < 4) return undefined;
    const end = 4 + bytes.readUInt16BE(2);
    return bytes.length < end ? undefined : end;
  });
  return frame.subarray((frame[1] ?? 0) < SHORT_LIMIT ? 2 : 4);
}
