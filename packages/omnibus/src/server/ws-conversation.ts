import type { Slab } from "../base/index.ts";
import type { CloseReason, Conversation, ConversationHandler, Prepared } from "../bus/index.ts";
import {
  closeTable,
  PreparedFrame,
  type WebSocketConnection,
  type WebSocketOwner,
} from "../node/index.ts";
import { isLoopbackAddress } from "./address.ts";
import type { Admitted } from "./admission.ts";

export interface WebSocketConversationOptions {
  readonly admitted: Admitted;
  readonly path: string;
  /** The page's origin if it is not our own. */
  readonly origin: string | undefined;
  /** When its TCP connection was accepted, or asked for it in a later request. */
  readonly acceptedMs: number | undefined;
  /** Told when it is over, after the handler. */
  readonly onClosed: (conversation: WebSocketConversation) => void;
}

/** A conversation of a foreign protocol over a WebSocket. */
export class WebSocketConversation implements Conversation, WebSocketOwner {
  readonly path: string;
  readonly origin: string | undefined;
  readonly acceptedMs: number | undefined;
  readonly #connection: WebSocketConnection;
  readonly #admitted: Admitted;
  readonly #onClosed: (conversation: WebSocketConversation) => void;
  #handler: ConversationHandler | undefined = undefined;

  constructor(connection: WebSocketConnection, options: WebSocketConversationOptions) {
    this.#connection = connection;
    this.#admitted = options.admitted;
    this.path = options.path;
    this.origin = options.origin;
    this.acceptedMs = options.acceptedMs;
    this.#onClosed = options.onClosed;
  }

  /** Begins to read for `handler`. */
  open(handler: ConversationHandler, head: Buffer): void {
    this.#handler = handler;
    this.#connection.open(this, head);
  }

  get remote(): string {
    return this.#admitted.address;
  }

  get isLoopback(): boolean {
    return isLoopbackAddress(this.#admitted.address);
  }

  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  prepare(payload: string | Uint8Array): Prepared {
    return new PreparedFrame(payload);
  }

  send(payload: string | Uint8Array | Prepared): boolean {
    if (typeof payload === "object" && !isSendable(payload)) {
      throw new TypeError("only what a WebSocket conversation prepared can be sent over one");
    }
    return this.#connection.send(payload as string | Uint8Array | PreparedFrame);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(reason: CloseReason, text?: string): void {
    const { code, meaning } = closeTable[reason];
    this.#connection.close(code, text ?? meaning);
  }

  /** Ends it at once. */
  destroy(): void {
    this.#connection.destroy();
  }

  text(text: string): void {
    this.#handler?.text(text);
  }

  binary(slab: Slab, start: number, end: number): void {
    this.#handler?.bytes(slab.bytes.slice(start, end));
  }

  drained(): void {
    this.#handler?.drained();
  }

  closed(): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#admitted.leave();
    handler?.closed();
    this.#onClosed(this);
  }
}

function isSendable(payload: Uint8Array | Prepared): boolean {
  return payload instanceof PreparedFrame || payload instanceof Uint8Array;
}
