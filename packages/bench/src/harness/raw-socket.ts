import { connect, type Socket } from "node:net";

const READ_BYTES = 256 * 1024;
/** One buffer for all connections of this process: each read is handled before the next. */
const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);

/**
 * A TCP connection that reads into one shared buffer, so that the measuring side allocates nothing.
 * What was read is overwritten as soon as the handler returns.
 */
export class RawSocket implements Disposable {
  readonly #socket: Socket;
  #handler: (chunk: Uint8Array) => void;
  #early: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;
  #onFailure: ((error: Error) => void) | undefined;

  private constructor(port: number) {
    this.#handler = this.#keep;
    this.#socket = connect({
      port,
      host: "127.0.0.1",
      noDelay: true,
      onread: {
        buffer: readBuffer,
        callback: (length, buffer): boolean => {
          this.#handler(buffer.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the other side closed the connection")));
  }

  /** Connects to a port of the loopback interface. */
  static async connect(port: number): Promise<RawSocket> {
    const raw = new RawSocket(port);
    await new Promise<void>((resolve, reject) => {
      raw.#onFailure = reject;
      raw.#socket.once("connect", resolve);
    });
    raw.#onFailure = undefined;
    return raw;
  }

  /** Hands every later read to `handler`, and first what came before. */
  onBytes(handler: (chunk: Uint8Array) => void): void {
    const early = this.#early;
    this.#early = Buffer.alloc(0);
    this.#handler = handler;
    if (early.length > 0) handler(early);
  }

  /** Resolves once `isComplete` says so of all that has come; what follows that length is kept. */
  async readUntil(endOf: (bytes: Buffer) => number | undefined): Promise<Buffer> {
    for (;;) {
      const end = endOf(this.#early);
      if (end !== undefined) {
        const taken = this.#early.subarray(0, end);
        this.#early = this.#early.subarray(end);
        return taken;
      }
      await new Promise<void>((resolve, reject) => {
        if (this.#failure !== undefined) reject(this.#failure);
        this.#onFailure = reject;
        this.#handler = (chunk): void => {
          this.#handler = this.#keep;
          this.#keep(chunk);
          resolve();
        };
      });
    }
  }

  /** Writes; resolves when the bytes have left the process. */
  async write(bytes: Uint8Array | string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const isRoom = this.#socket.write(bytes);
    if (isRoom) return;
    await new Promise<void>((resolve, reject) => {
      this.#onFailure = reject;
      this.#socket.once("drain", resolve);
    });
  }

  /** Why the connection ended, if it did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  [Symbol.dispose](): void {
    this.#handler = (): void => {};
    this.#socket.destroy();
  }

  readonly #keep = (chunk: Uint8Array): void => {
    this.#early = Buffer.concat([this.#early, chunk]);
  };

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#onFailure?.(this.#failure);
  }
}

/** For `readUntil`: the bytes up to and including `mark`. */
export function upTo(mark: string): (bytes: Buffer) => number | undefined {
  const wanted = Buffer.from(mark);
  return (bytes) => {
    const at = bytes.indexOf(wanted);
    return at < 0 ? undefined : at + wanted.length;
  };
}

/** For `readUntil`: exactly so many bytes. */
export function exactly(count: number): (bytes: Buffer) => number | undefined {
  return (bytes) => (bytes.length < count ? undefined : count);
}
