import { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** How the new socket reads: into one buffer, at once handed to the callback (`this` is the socket). */
export interface ReadInto {
  readonly buffer: Buffer;
  readonly callback: (this: Socket, bytesRead: number, buffer: Buffer) => boolean;
}

interface WithHandle {
  _handle?: { constructor?: { name?: string } } | null;
}

/**
 * Moves an accepted TCP connection to a new, bare socket that reads into a given buffer. What other
 * owners hung on the old one (the HTTP server's listeners, its parser, its message) is free to go:
 * this is most of what an idle WebSocket would otherwise keep.
 *
 * Returns the socket itself where that cannot be done: TLS, another runtime than Node, bytes under way.
 */
export function takeOver(socket: Socket, onread: ReadInto): Socket {
  const handle = (socket as Socket & WithHandle)._handle;
  const isPlain = handle?.constructor?.name === "TCP" && !(socket instanceof TLSSocket);
  if (!isPlain || socket.writableLength > 0 || socket.readableLength > 0) return socket;
  // The same option that node:net uses for the sockets it accepts; not in its public types.
  const options: object = { handle, onread, allowHalfOpen: false };
  const bare = new Socket(options);
  (socket as Socket & WithHandle)._handle = null;
  socket.destroy();
  return bare;
}
