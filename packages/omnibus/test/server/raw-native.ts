import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { WebSocket } from "ws";
import { errorCodeOf, type ErrorCode, Slab } from "../../src/base/index.ts";
import type { SessionCredentials } from "../../src/session/index.ts";
import { controlRun, frameBytes, Inbox, joinBytes } from "../../src/testing/index.ts";
import {
  ByteWriter,
  decodeCbor,
  encodeCbor,
  FrameReader,
  type RunHeader,
  runType,
} from "../../src/wire/index.ts";

/** A run that the server sent, messages aside. */
export interface Heard {
  readonly type: number;
  readonly content: Uint8Array;
}

/** What the server said when it ended the session, or refused something. */
export interface Verdict {
  readonly code: ErrorCode;
  readonly text: string;
}

/** What the two transports have in common. */
interface Pipe {
  send(bytes: Uint8Array): void;
  pause(): void;
  destroy(): void;
  readonly closed: Promise<unknown>;
}

/** The native protocol by hand: sends any bytes, keeps what is answered. Nothing is answered for it. */
export class RawNative {
  readonly heard: Inbox<Heard> = new Inbox<Heard>();
  /** Bodies of message runs that came. */
  messages = 0;
  readonly #pipe: Pipe;
  readonly #reader = new FrameReader(
    {
      message: () => void this.messages++,
      control: ({ type, bytes, bodyStart, bodyEnd }: RunHeader) =>
        this.heard.add({ type, content: bytes.slice(bodyStart, bodyEnd) }),
    },
    { maxFrameBytes: 1 << 24, hasHash: true },
  );
  #rest: Uint8Array = new Uint8Array(0);

  private constructor(open: (read: (bytes: Uint8Array) => void) => Pipe) {
    this.#pipe = open((bytes) => this.#read(bytes));
  }

  static async overTcp(port: number, host = "127.0.0.1"): Promise<RawNative> {
    const socket: Socket = connect(port, host);
    await once(socket, "connect");
    return new RawNative((read) => {
      socket.on("data", read).on("error", () => {});
      return {
        send: (bytes) => void socket.write(bytes),
        pause: () => void socket.pause(),
        destroy: () => void socket.destroy(),
        closed: once(socket, "close"),
      };
    });
  }

  static async overWebSocket(url: string, options: object = {}): Promise<RawNative> {
    const socket = new WebSocket(url, ["omnibus.v1"], options);
    const client = new RawNative((read) => {
      socket.on("message", (data: Buffer) => read(data)).on("error", () => {});
      return {
        send: (bytes) => socket.send(bytes),
        pause: () => socket.pause(),
        destroy: () => socket.terminate(),
        closed: once(socket, "close"),
      };
    });
    await once(socket, "open");
    return client;
  }

  #read(bytes: Uint8Array): void {
    const all = joinBytes(this.#rest, bytes);
    this.#rest = all.slice(this.#reader.read(new Slab(all), 0, all.length));
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<unknown> {
    return this.#pipe.closed;
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#pipe.pause();
  }

  destroy(): void {
    this.#pipe.destroy();
  }

  sendBytes(bytes: Uint8Array): void {
    this.#pipe.send(bytes);
  }

  /** Sends runs that are no messages as one frame. */
  send(...runs: Uint8Array[]): void {
    this.sendBytes(frameBytes({ runs: runs.map((bytes) => ({ bytes })) }));
  }

  hello(): void {
    const hello = [0, 0, new Uint8Array(32).fill(7), "raw", 1, 1 << 24, false, 0];
    this.send(controlRun(runType.hello, cbor(hello)));
  }

  /** Shakes hands; resolves to the principal, or to the reason of the goodbye. */
  async authenticate(credentials: SessionCredentials): Promise<string> {
    this.hello();
    this.send(controlRun(runType.auth, cbor(authOf(credentials))));
    const { type, content } = await this.#next(runType.ready, runType.bye);
    const [first, second] = array(content);
    return String(type === runType.ready ? first : second);
  }

  /** States an interest. */
  want(pattern: string): void {
    this.send(interestRun(pattern));
  }

  /** The goodbye, now or when it comes. */
  async bye(): Promise<Verdict> {
    const { content } = await this.#next(runType.bye);
    const [number, text] = array(content);
    return { code: errorCodeOf(Number(number)), text: String(text) };
  }

  /** The next refusal. */
  async refusal(): Promise<Verdict & { name: string }> {
    const { content } = await this.#next(runType.refusal);
    const [, name, number, text] = array(content);
    return { name: String(name), code: errorCodeOf(Number(number)), text: String(text) };
  }

  /** Resolves when the server has handled all that was sent before. */
  async handled(): Promise<void> {
    this.send(controlRun(runType.ping, new Uint8Array(0)));
    await this.#next(runType.pong);
  }

  /** The next run of one of these types; others are passed over. A goodbye that is not asked for throws. */
  async #next(...types: readonly number[]): Promise<Heard> {
    for (;;) {
      const heard = await this.heard.next();
      if (types.includes(heard.type)) return heard;
      if (heard.type === runType.bye)
        throw new Error(`goodbye: ${String(array(heard.content)[1])}`);
    }
  }
}

/** An interest, or its end. */
export function interestRun(pattern: string, isAdded = true): Uint8Array {
  return controlRun(runType.interest, cbor([isAdded, pattern, 3, 0]));
}

function authOf(credentials: SessionCredentials): readonly unknown[] {
  if (credentials.kind === "token") return ["token", credentials.token];
  if (credentials.kind === "password") return ["password", credentials.user, credentials.password];
  return ["anonymous"];
}

function cbor(value: unknown): Uint8Array {
  const writer = new ByteWriter(1 << 16);
  encodeCbor(value, writer);
  return writer.view().slice();
}

function array(content: Uint8Array): readonly unknown[] {
  return decodeCbor(content, 0, content.length) as readonly unknown[];
}
