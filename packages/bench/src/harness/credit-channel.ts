import { connect, createServer, type Server, type Socket } from "node:net";

const COUNT_BYTES = 8;

/**
 * The subscriber's end of the pacing: tells the publisher, past the system under test, how many
 * messages have arrived, so that a system without flow control of its own loses nothing. One TCP
 * connection, 8 bytes for every eighth of the window.
 */
export class CreditSender implements Disposable {
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  #told = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on("connection", (socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      this.#sockets.add(socket);
      socket.write(encodeCount(this.#told));
    });
  }

  /** Listens on a free port of the loopback interface. */
  static async listen(): Promise<CreditSender> {
    const server = createServer();
    const sender = new CreditSender(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return sender;
  }

  /** The port that the publisher connects to. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return address.port;
  }

  /** Says that `count` messages have arrived in all. */
  tell(count: number): void {
    this.#told = count;
    for (const socket of this.#sockets) socket.write(encodeCount(count));
  }

  [Symbol.dispose](): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** The publisher's end: how many messages it may have sent in all. */
export class CreditGate implements Disposable {
  readonly #socket: Socket;
  readonly #window: number;
  #arrived = 0;
  #wake: (() => void) | undefined;

  private constructor(socket: Socket, window: number) {
    this.#socket = socket;
    this.#window = window;
    let rest: Buffer = Buffer.alloc(0);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % COUNT_BYTES);
      if (whole > 0) this.#arrived = bytes.readDoubleLE(whole - COUNT_BYTES);
      rest = bytes.subarray(whole);
      const wake = this.#wake;
      this.#wake = undefined;
      wake?.();
    });
  }

  /** Connects to the subscriber; at most `window` messages may be on their way. */
  static async connect(port: number, window: number): Promise<CreditGate> {
    const socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new CreditGate(socket, window);
  }

  /** How many messages may have been sent in all by now. */
  get allowed(): number {
    return this.#arrived + this.#window;
  }

  /** Resolves when the subscriber has said more. */
  more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function encodeCount(count: number): Buffer {
  const bytes = Buffer.alloc(COUNT_BYTES);
  bytes.writeDoubleLE(count);
  return bytes;
}
