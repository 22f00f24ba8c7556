/** Conversations over TCP: each line is one text. What a host of `omnibus/adapter` has to do. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type {
  Adapter,
  CloseReason,
  Conversation,
  ConversationHandler,
  Prepared,
} from "omnibus/adapter";

/** Bytes that may wait for a client before `send` returns false. */
const highWaterMark = 65_536;
const maxLineBytes = 65_536;
/** A client that does not close after our goodbye is cut after this time. */
const lingerMs = 2000;

export interface LineHostOptions {
  readonly adapter: Adapter;
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
}

/** A TCP port that speaks lines. */
export interface LineHost extends AsyncDisposable {
  /** The real number. */
  readonly port: number;
}

/** Begins to listen. */
export async function openLineHost(options: LineHostOptions): Promise<LineHost> {
  const conversations = new Set<LineConversation>();
  const server: Server = createServer({ highWaterMark }, (socket) => {
    const conversation = new LineConversation(socket, () => conversations.delete(conversation));
    conversations.add(conversation);
    conversation.open(options.adapter(conversation));
  });
  server.listen(options.port, options.host ?? "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const conversation of conversations) conversation.close("going-away");
      await closed;
    },
  };
}

/** Bytes of one line, ready to be written. */
class PreparedLine implements Prepared {
  readonly bytes: Buffer;

  constructor(payload: string | Uint8Array) {
    this.bytes = Buffer.concat([Buffer.from(payload as string), Buffer.from("\n")]);
  }

  get byteLength(): number {
    return this.bytes.length - 1;
  }
}

class LineConversation implements Conversation {
  readonly remote: string;
  readonly isLoopback: boolean;
  readonly origin: undefined = undefined;
  readonly path = "";
  readonly #socket: Socket;
  readonly #onClosed: () => void;
  #rest = "";
  #isClosing = false;

  constructor(socket: Socket, onClosed: () => void) {
    this.#socket = socket;
    this.#onClosed = onClosed;
    this.remote = socket.remoteAddress ?? "";
    this.isLoopback = /^(?:::ffff:)?127\.|^::1$/u.test(this.remote);
  }

  open(handler: ConversationHandler): void {
    const socket = this.#socket.setEncoding("utf8");
    socket.on("data", (chunk) => this.#read(String(chunk), handler));
    socket.on("drain", () => handler.drained());
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      handler.closed();
      this.#onClosed();
    });
  }

  #read(chunk: string, handler: ConversationHandler): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) if (!this.#isClosing) handler.text(line.replace(/\r$/u, ""));
    if (this.#rest.length > maxLineBytes) this.close("too-big");
  }

  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  prepare(payload: string | Uint8Array): PreparedLine {
    return new PreparedLine(payload);
  }

  send(payload: string | Uint8Array | Prepared): boolean {
    if (this.#isClosing || !this.#socket.writable) return true;
    const line = payload instanceof PreparedLine ? payload : this.prepare(payload as string);
    return this.#socket.write(line.bytes);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(reason: CloseReason, text: string = reason): void {
    if (this.#isClosing) return;
    if (reason !== "normal") this.send(`BYE ${text}`);
    this.#isClosing = true;
    this.#rest = "";
    this.#socket.end();
    this.#socket.resume().setTimeout(lingerMs, () => this.#socket.destroy());
  }
}
