import { connect } from "node:net";
import type { Address, ProgramClient } from "./system.ts";

const CRLF = Buffer.from("\r\n");
const BATCH_BYTES = 64 * 1024;

/** A command, or a message, as a RESP array of bulk strings. */
export function encodeCommand(parts: readonly (string | Uint8Array)[]): Buffer {
  const pieces: Uint8Array[] = [Buffer.from(`*${parts.length}\r\n`)];
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part) : part;
    pieces.push(Buffer.from(`$${bytes.length}\r\n`), bytes, CRLF);
  }
  return Buffer.concat(pieces);
}

/** A client that knows PUBLISH and SUBSCRIBE, pipelined: less work than any general client does. */
export async function connectRedis({ port }: Address): Promise<ProgramClient> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setNoDelay(true);
  const writer = new CommandWriter((bytes) => void socket.write(bytes));
  return {
    publish(topic, payload): boolean {
      writer.publish(topic, payload);
      return !socket.writableNeedDrain;
    },
    drained: () =>
      new Promise((resolve) => {
        if (socket.writableNeedDrain) socket.once("drain", resolve);
        else setImmediate(resolve);
      }),
    async subscribe(topics, handler): Promise<void> {
      let confirmed = 0;
      const all = Promise.withResolvers<void>();
      const reader = new MessageReader(handler, () => {
        confirmed += 1;
        if (confirmed === topics.length) all.resolve();
      });
      socket.on("data", (chunk) => reader.push(chunk));
      socket.write(encodeCommand(["SUBSCRIBE", ...topics]));
      await all.promise;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      socket.destroy();
    },
  };
}

class CommandWriter {
  readonly #send: (bytes: Buffer) => void;
  readonly #heads: Map<string, Buffer> = new Map();
  #batch: Buffer = Buffer.allocUnsafe(BATCH_BYTES);
  #used = 0;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  publish(topic: string, payload: Uint8Array): void {
    const head = this.#headOf(topic, payload.length);
    const needed = head.length + payload.length + CRLF.length;
    if (this.#used > 0 && this.#used + needed > BATCH_BYTES) this.#flush();
    if (needed > BATCH_BYTES) {
      this.#send(Buffer.concat([head, payload, CRLF]));
      return;
    }
    if (this.#used === 0) process.nextTick(() => this.#flush());
    this.#batch.set(head, this.#used);
    this.#batch.set(payload, this.#used + head.length);
    this.#batch.set(CRLF, this.#used + head.length + payload.length);
    this.#used += needed;
  }

  #headOf(topic: string, size: number): Buffer {
    const known = this.#heads.get(topic);
    if (known !== undefined && known.readUInt32LE(0) === size) return known.subarray(4);
    const text = `*3\r\n$7\r\nPUBLISH\r\n$${Buffer.byteLength(topic)}\r\n${topic}\r\n$${size}\r\n`;
    const head = Buffer.concat([Buffer.alloc(4), Buffer.from(text)]);
    head.writeUInt32LE(size, 0);
    this.#heads.set(topic, head);
    return head.subarray(4);
  }

  #flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#batch.subarray(0, this.#used);
    this.#batch = Buffer.allocUnsafe(BATCH_BYTES);
    this.#used = 0;
    this.#send(bytes);
  }
}

/** Reads `*3 kind topic payload-or-number` replies of a subscriber's connection. */
class MessageReader {
  readonly #onMessage: (payload: Uint8Array) => void;
  readonly #onConfirmed: () => void;
  #partial: Buffer = Buffer.alloc(0);

  constructor(onMessage: (payload: Uint8Array) => void, onConfirmed: () => void) {
    this.#onMessage = onMessage;
    this.#onConfirmed = onConfirmed;
  }

  push(chunk: Buffer): void {
    const bytes = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    let at = 0;
    for (;;) {
      const end = this.#readOne(bytes, at);
      if (end === undefined) break;
      at = end;
    }
    this.#partial = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }

  /** Hands out the reply at `start`; returns its end, or undefined if it is not whole. */
  #readOne(bytes: Buffer, start: number): number | undefined {
    const kind = bulkAt(bytes, start + 4);
    if (kind === undefined) return undefined;
    const topic = bulkAt(bytes, kind.end + 2);
    if (topic === undefined) return undefined;
    const last = topic.end + 2;
    if (bytes[last] === COLON) {
      const end = bytes.indexOf(CRLF, last);
      if (end < 0) return undefined;
      this.#onConfirmed();
      return end + 2;
    }
    const payload = bulkAt(bytes, last);
    if (payload === undefined || payload.end + 2 > bytes.length) return undefined;
    this.#onMessage(bytes.subarray(payload.start, payload.end));
    return payload.end + 2;
  }
}

const EMPTY = Buffer.alloc(0);
const COLON = 0x3a;
const CARRIAGE_RETURN = 0x0d;
const ZERO = 0x30;

/** The bounds of the bulk string whose `$` stands at `at`; undefined if it is not whole. */
function bulkAt(bytes: Buffer, at: number): { start: number; end: number } | undefined {
  let length = 0;
  let from = at + 1;
  for (;;) {
    const byte = bytes[from];
    if (byte === undefined) return undefined;
    if (byte === CARRIAGE_RETURN) break;
    length = length * 10 + byte - ZERO;
    from += 1;
  }
  const start = from + 2;
  return start + length > bytes.length ? undefined : { start, end: start + length };
}
