/** A connection by hand, for what no client would send. */
import { connect, type Socket } from "node:net";

export class RawConnection {
  readonly socket: Socket;
  /** Resolves when it is over, with how many milliseconds after its beginning. */
  readonly closed: Promise<number>;
  readonly #chunks: Buffer[] = [];
  #watch: (() => void) | undefined;

  private constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    // A reset is an answer, too.
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#watch?.();
    });
    const began = performance.now();
    // Not `once` of node:events, which rejects when an error comes before.
    this.closed = new Promise((resolve) => {
      this.socket.once("close", () => {
        this.#watch?.();
        resolve(performance.now() - began);
      });
    });
  }

  static async open(port: number): Promise<RawConnection> {
    const connection = new RawConnection(port);
    const { socket, closed } = connection;
    await Promise.race([
      new Promise<void>((resolve) => void socket.once("connect", resolve)),
      closed,
    ]);
    return connection;
  }

  get answer(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Resolves when more was answered, or it is over. */
  async more(): Promise<void> {
    if (this.socket.closed) return;
    await new Promise<void>((resolve) => (this.#watch = resolve));
    this.#watch = undefined;
  }

  /** Resolves when the answer has `pattern`, or is over. */
  async sees(pattern: RegExp): Promise<boolean> {
    const has = (): boolean => pattern.test(this.answer.toString("latin1"));
    while (!has() && !this.socket.closed) await this.more();
    return has();
  }

  send(...pieces: readonly (Uint8Array | string)[]): void {
    for (const piece of pieces) this.socket.write(piece);
  }

  /** Hangs up, and resolves with all that was answered. */
  async hangUp(): Promise<Buffer> {
    this.socket.end();
    await this.closed;
    return this.answer;
  }
}

/** The request that opens a WebSocket. */
export function upgradeRequest(subprotocol?: string): string {
  const protocol = subprotocol === undefined ? "" : `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  return (
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${protocol}\r\n`
  );
}
