import {
  type Clock,
  OmnibusError,
  Slab,
  systemClock,
  type Timer,
  joinBytes,
} from "../base/index.ts";
import { closeError } from "./close-error.ts";
import type { Dialer, Link, LinkReceiver } from "./link.ts";

/** The WebSocket subprotocol of native links. */
export const nativeSubprotocol = "omnibus.v1";

/** Above this a write is not done until `lowBytes` are left. */
const highBytes = 262_144;
const lowBytes = 65_536;
const pollMs = 4;

/** A native link over the platform's own WebSocket client (browsers, Node, Bun, Deno). */
function linkOver(socket: WebSocket, url: URL, clock: Clock): Link {
  let receiver: LinkReceiver | undefined;
  // The platform's client cannot stop reading: what comes while nothing is to be read is kept here.
  let isPaused = true;
  let kept: Uint8Array[] = [];
  let isOver = false;
  let endError: OmnibusError | undefined;
  let poll: Timer | undefined;

  const deliver = (): void => {
    while (!isPaused) {
      const bytes = kept.shift();
      if (bytes === undefined) return;
      receiver?.received(new Slab(bytes), 0, bytes.length);
    }
  };
  const pollLater = (): void => {
    poll = clock.setTimer(pollMs, () => {
      if (socket.bufferedAmount > lowBytes) pollLater();
      else receiver?.written();
    });
  };
  const tellClosed = (): void => {
    const told = receiver;
    receiver = undefined;
    told?.closed(endError);
  };
  const over = (error?: OmnibusError): void => {
    if (isOver) return;
    isOver = true;
    endError = error;
    poll?.cancel();
    clock.soon(tellClosed);
  };
  // The platform has no abrupt end: stop listening, close, and say so at once.
  const destroy = (error?: OmnibusError): void => {
    socket.onmessage = null;
    kept = [];
    socket.close(1000);
    over(error);
  };
  socket.onmessage = ({ data }: MessageEvent): void => {
    if (data instanceof ArrayBuffer) {
      kept.push(new Uint8Array(data));
      deliver();
    } else destroy(new OmnibusError("bad-frame", "text on a native WebSocket link"));
  };
  socket.onclose = ({ code, reason }: CloseEvent): void => over(closeError(code, reason));

  return {
    kind: "ws",
    realm: "global",
    remote: url.host,
    isIntegrityProtected: url.protocol === "wss:",
    isMessageBased: true,
    open(given) {
      receiver = given;
      this.resume();
      if (isOver) clock.soon(tellClosed);
    },
    write(chunks) {
      // `send` copies at once; where it does not (blobs), we do not use it.
      socket.send((chunks.length === 1 ? chunks[0] : joinBytes(chunks)) as Uint8Array<ArrayBuffer>);
      if (socket.bufferedAmount <= highBytes) return true;
      pollLater();
      return false;
    },
    pause() {
      isPaused = true;
    },
    resume() {
      isPaused = false;
      // Not inside this call, which may come from `received`.
      if (kept.length > 0) clock.soon(deliver);
    },
    close: () => socket.close(1000),
    destroy: () => destroy(),
  };
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
      resolve(linkOver(socket, url, clock));
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
