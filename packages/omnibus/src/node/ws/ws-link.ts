import type { Slab } from "../../base/index.ts";
import { closeError, type Link, type LinkKind, type LinkReceiver } from "../../link/index.ts";
import { closeTable } from "./close.ts";
import type { WebSocketConnection, WebSocketEnd, WebSocketOwner } from "./connection.ts";

export interface WebSocketLinkOptions {
  /** The other side, for people. */
  readonly remote: string;
  /** The page's origin if it is not the server's own. */
  readonly origin?: string | undefined;
  /** As a link has it. */
  readonly acceptedMs?: number | undefined;
  /** Whether it came over TLS. */
  readonly isEncrypted: boolean;
  /** What came behind the upgrade request. */
  readonly head?: Buffer;
  /** Called once when the connection is over, before the session hears of it. */
  readonly onClosed?: () => void;
}

/** The server's end of a native link over a WebSocket: one frame of ours per binary message. */
export class WebSocketLink implements Link, WebSocketOwner {
  readonly kind: LinkKind = "ws";
  readonly realm = "global";
  readonly isMessageBased = true;
  readonly remote: string;
  readonly origin: string | undefined;
  readonly acceptedMs: number | undefined;
  readonly isIntegrityProtected: boolean;
  readonly #connection: WebSocketConnection;
  #head: Buffer | undefined;
  #onClosed: (() => void) | undefined;
  #receiver: LinkReceiver | undefined = undefined;

  constructor(connection: WebSocketConnection, options: WebSocketLinkOptions) {
    this.#connection = connection;
    this.remote = options.remote;
    this.origin = options.origin;
    this.acceptedMs = options.acceptedMs;
    this.isIntegrityProtected = options.isEncrypted;
    this.#head = options.head;
    this.#onClosed = options.onClosed;
  }

  open(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    const head = this.#head;
    this.#head = undefined;
    this.#connection.open(this, head);
  }

  write(chunks: readonly Uint8Array[]): boolean {
    return this.#connection.sendChunks(chunks);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(): void {
    this.#connection.close(closeTable.normal.code, "");
  }

  destroy(): void {
    this.#connection.destroy();
  }

  text(): void {
    this.#connection.close(closeTable["bad-protocol"].code, "omnibus.v1 is binary");
  }

  binary(slab: Slab, start: number, end: number): void {
    this.#receiver?.received(slab, start, end);
  }

  drained(): void {
    this.#receiver?.written();
  }

  closed(end: WebSocketEnd): void {
    this.#onClosed?.();
    this.#onClosed = undefined;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(end.error ?? closeError(end.code, end.reason));
  }
}
