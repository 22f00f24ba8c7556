import {
  type Clock,
  OmnibusError,
  Slab,
  systemClock,
  type Timer,
  joinBytes,
} from "../base/index.ts";
import { closeError } from "./close-error.ts";
import type { Dialer, Link, LinkKind, LinkReceiver } from "./link.ts";

/** The WebSocket subprotocol of native links. */
export const nativeSubprotocol = "omnibus.v1";

/** Above this a write is not done until `lowBytes` are left. */
const highBytes = 262_144;
const lowBytes = 65_536;
const pollMs = 4;

/** A native link over the platform's own WebSocket client (browsers, Node, Bun, Deno). */
class WebSocketClientLink implements Link {
  readonly kind: LinkKind = "ws";
  readonly realm = "global";
  readonly isMessageBased = true;
  readonly remote: string;
  readonly isIntegrityProtected: boolean;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  #receiver: LinkReceiver | undefined = undefined;
  #isOver = false;
  #endError: OmnibusError | undefined = undefined;
  #poll: Timer | undefined = undefined;
  // The platform's client cannot stop reading: what comes while nothing is to be read is kept here.
  #isPaused = true;
  #kept: Uint8Array[] = [];

  constructor(socket: WebSocket, url: URL, clock: Clock) {
    this.#socket = socket;
    this.#clock = clock;
    this.remote = url.host;
    this.isIntegrityProtected = url.protocol === "wss:";
    socket.onmessage = (event: MessageEvent): void => this.#message(event.data);
    socket.onclose = (event: CloseEvent): void => this.#closed(event);
  }

  open(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    this.resume();
    if (this.#isOver) this.#clock.soon(() => this.#tellClosed());
  }

  write(chunks: readonly Uint8Array[]): boolean {
    // `send` copies at once; where it does not (blobs), we do not use it.
    const socket = this.#socket;
    socket.send((chunks.length === 1 ? chunks[0] : joinBytes(chunks)) as Uint8Array<ArrayBuffer>);
    if (socket.bufferedAmount <= highBytes) return true;
    this.#pollLater();
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    // Not inside this call, which may come from `received`.
    if (this.#kept.length > 0) this.#clock.soon(() => this.#deliver());
  }

  close(): void {
    this.#socket.close(1000);
  }

  destroy(): void {
    // The platform has no abrupt end: stop listening, close, and say so at once.
    this.#socket.onmessage = null;
    this.#kept = [];
    this.#socket.close(1000);
    this.#over();
  }

  #pollLater(): void {
    this.#poll = this.#clock.setTimer(pollMs, () => {
      if (this.#isOver) return;
      if (this.#socket.bufferedAmount > lowBytes) this.#pollLater();
      else this.#receiver?.written();
    });
  }

  #message(data: unknown): void {
    if (!(data instanceof ArrayBuffer)) {
      this.#endError = new OmnibusError("bad-frame", "text on a native WebSocket link");
      this.destroy();
      return;
    }
    this.#kept.push(new Uint8Array(data));
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#isPaused) {
      const bytes = this.#kept.shift();
      if (bytes === undefined) return;
      this.#receiver?.received(new Slab(bytes), 0, bytes.length);
    }
  }

  #closed(event: CloseEvent): void {
    this.#endError ??= closeError(event.code, event.reason);
    this.#over();
  }

  #over(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#poll?.cancel();
    this.#socket.onclose = null;
    if (this.#receiver !== undefined) this.#clock.soon(() => this.#tellClosed());
  }

  #tellClosed(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(this.#endError);
  }
}

/**
 * Dials `ws:` and `wss:` with the platform's WebSocket client. `ca` is not supported: browsers decide
 * themselves whom they trust.
 */
export function createWebSocketDialer(options: { clock?: Clock } = {}): Dialer {
  const clock = options.clock ?? systemClock;
  return {
    schemes: ["ws:", "wss:"],
    dial: (url, { signal }) => dial(url, clock, signal),
  };
}

function dial(url: URL, clock: Clock, signal: AbortSignal | undefined): Promise<Link> {
  return new Promise((resolve, reject) => {
    const givenUp = (): OmnibusError =>
      new OmnibusError("aborted", `dialling ${url.href} was given up`);
    if (signal?.aborted === true) return reject(givenUp());
    const socket = new WebSocket(url, nativeSubprotocol);
    socket.binaryType = "arraybuffer";
    const abort = (): void => fail(givenUp());
    const fail = (error: OmnibusError): void => {
      signal?.removeEventListener("abort", abort);
      socket.onopen = socket.onclose = null;
      socket.close();
      reject(error);
    };
    signal?.addEventListener("abort", abort);
    // An error event comes before it, and says as little.
    socket.onclose = (): void =>
      fail(new OmnibusError("connect-failed", `no server at ${url.href}${originHint()}`));
    socket.onopen = (): void => {
      if (socket.protocol !== nativeSubprotocol)
        return fail(
          new OmnibusError("connect-failed", `${url.href} does not speak ${nativeSubprotocol}`),
        );
      signal?.removeEventListener("abort", abort);
      socket.onopen = null;
      resolve(new WebSocketClientLink(socket, url, clock));
    };
  });
}

/** A browser does not tell a program why a server refused it. */
function originHint(): string {
  const { location } = globalThis as { location?: { origin?: string } };
  const origin = location?.origin;
  return origin === undefined
    ? ""
    : `, or it does not let pages of ${origin} in (omnibus serve --allow-origin ${origin})`;
}
