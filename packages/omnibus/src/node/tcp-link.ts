import net from "node:net";
import { OmnibusError, type Realm } from "../base/index.ts";
import type { Link, LinkKind, LinkReceiver } from "../link/index.ts";
import { ReceiveMemory } from "./receive-memory.ts";

/** The part of Node's socket handle that reads into memory of ours; absent in other runtimes and for TLS. */
interface NativeHandle {
  useUserBuffer?: (bytes: Uint8Array) => void;
}

export interface SocketLinkOptions {
  readonly kind: LinkKind;
  readonly realm: Realm;
  readonly isIntegrityProtected: boolean;
  /** Bytes that were read from the socket before the link got it. */
  readonly firstBytes?: Uint8Array;
  /** When it was accepted, if that was before this link is made. */
  readonly acceptedMs?: number;
}

/**
 * A link over a connected stream socket: TCP, TLS or a local socket. In Node the socket is taken over,
 * so that it reads into memory that is used again; the given object is of no use afterwards.
 */
export class SocketLink implements Link {
  readonly kind: LinkKind;
  readonly realm: Realm;
  readonly remote: string;
  readonly isIntegrityProtected: boolean;
  readonly isMessageBased = false;
  readonly acceptedMs: number | undefined;

  readonly #memory = new ReceiveMemory();
  readonly #onWritten = (): void => this.#checkWritten();
  #socket: net.Socket;
  #receiver: LinkReceiver | undefined;
  #firstBytes: Uint8Array | undefined;
  #isWriting = false;
  #error: OmnibusError | undefined;

  constructor(socket: net.Socket, options: SocketLinkOptions) {
    this.kind = options.kind;
    this.realm = options.realm;
    this.isIntegrityProtected = options.isIntegrityProtected;
    this.remote = remoteOf(socket);
    this.#firstBytes = options.firstBytes;
    this.acceptedMs = options.acceptedMs;
    this.#socket = socket;
  }

  open(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    const handle = handleOf(this.#socket);
    if (handle === undefined) {
      this.#socket.on("data", (chunk: Uint8Array) => this.#memory.feed(chunk, receiver));
    } else {
      this.#socket = this.#takeOver(this.#socket, handle, receiver);
    }
    const socket = this.#socket;
    socket.setNoDelay(true);
    socket.on("error", (cause) => {
      this.#error = new OmnibusError(
        "closed",
        `the connection to ${this.remote} broke: ${cause.message}`,
        { cause },
      );
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => {
      this.#memory.close();
      receiver.closed(this.#error);
    });
    const first = this.#firstBytes;
    this.#firstBytes = undefined;
    if (first !== undefined && first.length > 0) {
      this.#memory.feed(first, receiver);
      // The handle was told where to read when there was no rest yet that the next read belongs behind.
      handle?.useUserBuffer?.(this.#memory.next());
    }
    socket.resume();
  }

  #takeOver(socket: net.Socket, handle: NativeHandle, receiver: LinkReceiver): net.Socket {
    const memory = this.#memory;
    (socket as unknown as { _handle: null })._handle = null;
    socket.removeAllListeners();
    socket.destroy();
    const options = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: (): Uint8Array => memory.next(),
        callback: (count: number): boolean => {
          memory.took(count, receiver);
          return true;
        },
      },
    };
    return new net.Socket(options as unknown as net.SocketConstructorOpts);
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (!socket.writable) return true;
    const last = chunks.length - 1;
    if (last > 0) socket.cork();
    for (let n = 0; n < last; n++) socket.write(asBuffer(chunks, n));
    socket.write(asBuffer(chunks, last), this.#onWritten);
    if (last > 0) socket.uncork();
    this.#isWriting = socket.writableLength > 0;
    return !this.#isWriting;
  }

  #checkWritten(): void {
    if (!this.#isWriting || this.#socket.writableLength > 0) return;
    this.#isWriting = false;
    this.#receiver?.written();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** The chunks that were written last, by their place in a write, and the buffers that were made of them. */
const seen: Uint8Array[] = [];
const buffers: Buffer[] = [];
/** Places beyond it are not remembered. */
const maxSeen = 64;
/** Costs less than `queueMicrotask`, which makes a resource to be traced of each call. */
const done = Promise.resolve();

/**
 * Node makes a `Buffer` of each other array that it is to write. In a fan-out all links write the same
 * chunks, so that one does for all: a thousand at once would live long enough to enlarge the heap.
 */
function asBuffer(chunks: readonly Uint8Array[], at: number): Buffer {
  const chunk = chunks[at] as Uint8Array;
  if (seen[at] === chunk) return buffers[at] as Buffer;
  const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  if (at < maxSeen) {
    if (seen.length === 0) void done.then(forgetSeen);
    seen[at] = chunk;
    buffers[at] = buffer;
  }
  return buffer;
}

/** What was written is not kept from being collected. */
function forgetSeen(): void {
  seen.length = 0;
  buffers.length = 0;
}

function handleOf(socket: net.Socket): NativeHandle | undefined {
  if (process.versions["bun"] !== undefined || process.versions["deno"] !== undefined)
    return undefined;
  const handle = (socket as unknown as { _handle?: NativeHandle | null })._handle ?? undefined;
  return socket.constructor === net.Socket && handle?.useUserBuffer !== undefined
    ? handle
    : undefined;
}

function remoteOf(socket: net.Socket): string {
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined) return "local";
  return remoteAddress.includes(":")
    ? `[${remoteAddress}]:${remotePort}`
    : `${remoteAddress}:${remotePort}`;
}
