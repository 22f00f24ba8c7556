const HEAD_BYTES = 6;
const BATCH_BYTES = 64 * 1024;

/** The simplest framing there is: length (4 bytes), topic number (2 bytes), payload. */
export function encodeFrame(topicIndex: number, payload: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt16LE(topicIndex, 4);
  frame.set(payload, HEAD_BYTES);
  return frame;
}

/** Gathers what one callback and its promises write, or 64 KiB, into one write. */
export class FrameWriter {
  readonly #send: (bytes: Buffer) => void;
  #batch: Buffer = Buffer.allocUnsafe(BATCH_BYTES);
  #used = 0;

  constructor(send: (bytes: Buffer) => void) {
    this.#send = send;
  }

  /** Adds one frame; the payload is copied. */
  write(topicIndex: number, payload: Uint8Array): void {
    const needed = HEAD_BYTES + payload.length;
    if (this.#used > 0 && this.#used + needed > BATCH_BYTES) this.flush();
    if (needed > this.#batch.length) {
      this.#send(Buffer.from(encodeFrame(topicIndex, payload)));
      return;
    }
    if (this.#used === 0) process.nextTick(() => this.flush());
    this.#batch.writeUInt32LE(payload.length, this.#used);
    this.#batch.writeUInt16LE(topicIndex, this.#used + 4);
    this.#batch.set(payload, this.#used + HEAD_BYTES);
    this.#used += needed;
  }

  /** Sends what has gathered. */
  flush(): void {
    if (this.#used === 0) return;
    const bytes = this.#batch.subarray(0, this.#used);
    this.#batch = Buffer.allocUnsafe(BATCH_BYTES);
    this.#used = 0;
    this.#send(bytes);
  }
}

/** Takes frames out of a stream that is cut anywhere. */
export class FrameReader {
  readonly #onFrame: (payload: Uint8Array, topicIndex: number) => void;
  /** The frame that the last chunk cut; its true length once the head is whole. */
  #partial: Buffer = Buffer.alloc(0);

  constructor(onFrame: (payload: Uint8Array, topicIndex: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes; hands out views into them. */
  push(chunk: Uint8Array): void {
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const bytes = this.#partial.length === 0 ? fresh : Buffer.concat([this.#partial, fresh]);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const end = at + HEAD_BYTES + bytes.readUInt32LE(at);
      if (end > bytes.length) break;
      this.#onFrame(bytes.subarray(at + HEAD_BYTES, end), bytes.readUInt16LE(at + 4));
      at = end;
    }
    this.#partial = at === bytes.length ? EMPTY : Buffer.from(bytes.subarray(at));
  }
}

const EMPTY = Buffer.alloc(0);
