import type {
  Adapter,
  CloseReason,
  Conversation,
  ConversationHandler,
  Prepared,
} from "../bus/index.ts";

const highMarkBytes = 64 * 1024;
const lowMarkBytes = 16 * 1024;

class RecordedPayload implements Prepared {
  readonly payload: string | Uint8Array;
  readonly byteLength: number;

  constructor(payload: string | Uint8Array) {
    this.payload = payload;
    this.byteLength = byteLengthOf(payload);
  }
}

export interface RecordingConversationOptions {
  readonly remote?: string;
  readonly isLoopback?: boolean;
  readonly origin?: string;
  readonly path?: string;
}

/**
 * A conversation without a socket: the test is the client. It notes what the adapter sends and does,
 * and passes on what the client says. A client that `stopReading`s leaves what is sent in the buffer.
 */
export class RecordingConversation implements Conversation {
  readonly remote: string;
  readonly isLoopback: boolean;
  readonly origin: string | undefined;
  readonly path: string;
  /** Everything sent so far. */
  readonly sent: (string | Uint8Array)[] = [];
  /** How often `prepare` was called. */
  prepareCount = 0;
  isPaused = false;
  bufferedBytes = 0;
  closedWith: { readonly reason: CloseReason; readonly text: string | undefined } | undefined;
  #handler: ConversationHandler;
  #isReading = true;
  #owesDrained = false;
  #isOver = false;
  #taken = 0;

  constructor(adapter: Adapter, options: RecordingConversationOptions = {}) {
    this.remote = options.remote ?? "127.0.0.1";
    this.isLoopback = options.isLoopback ?? true;
    this.origin = options.origin;
    this.path = options.path ?? "/";
    this.#handler = adapter(this);
  }

  /** Whether the adapter has asked for the end. */
  get isClosed(): boolean {
    return this.closedWith !== undefined;
  }

  prepare(payload: string | Uint8Array): Prepared {
    this.prepareCount++;
    return new RecordedPayload(payload);
  }

  send(payload: string | Uint8Array | Prepared): boolean {
    if (this.closedWith !== undefined || this.#isOver) throw new Error("sent after the end");
    const whole = payload instanceof RecordedPayload ? payload.payload : payload;
    if (typeof whole !== "string" && !(whole instanceof Uint8Array)) {
      throw new TypeError("prepared by somebody else");
    }
    this.sent.push(whole);
    if (!this.#isReading) this.bufferedBytes += byteLengthOf(whole);
    if (this.bufferedBytes <= highMarkBytes) return true;
    this.#owesDrained = true;
    return false;
  }

  pause(): void {
    if (this.isPaused) throw new Error("paused twice");
    this.isPaused = true;
  }

  resume(): void {
    if (!this.isPaused) throw new Error("resumed without a pause");
    this.isPaused = false;
  }

  close(reason: CloseReason, text?: string): void {
    if (this.closedWith !== undefined) throw new Error("closed twice");
    this.closedWith = { reason, text };
  }

  /** The client says something: a text, or a value as JSON. */
  say(message: string | object): void {
    this.#handler.text(typeof message === "string" ? message : JSON.stringify(message));
  }

  sayBytes(bytes: Uint8Array): void {
    this.#handler.bytes(bytes);
  }

  /** What was sent since the last call, parsed. */
  take(): unknown[] {
    const fresh = this.sent.slice(this.#taken);
    this.#taken = this.sent.length;
    return fresh.map((payload) => {
      if (typeof payload !== "string") throw new TypeError("not a text");
      return JSON.parse(payload) as unknown;
    });
  }

  stopReading(): void {
    this.#isReading = false;
  }

  /** The client reads `bytes` of what waits, by default all. */
  read(bytes: number = this.bufferedBytes): void {
    this.bufferedBytes = Math.max(0, this.bufferedBytes - bytes);
    if (!this.#owesDrained || this.bufferedBytes >= lowMarkBytes) return;
    this.#owesDrained = false;
    this.#handler.drained();
  }

  /** The connection is over, whoever ended it. */
  end(): void {
    if (this.#isOver) throw new Error("ended twice");
    this.#isOver = true;
    this.#handler.closed();
  }
}

function byteLengthOf(payload: string | Uint8Array): number {
  return typeof payload === "string" ? new TextEncoder().encode(payload).length : payload.length;
}
