/**
 * socket.io with what its guide to performance advises (the reference to the HTTP request is given up),
 * one write per receiver and turn, and V8's young generation kept small.
 */
import type { Socket as NetSocket } from "node:net";
import { setFlagsFromString } from "node:v8";
import type { Socket } from "socket.io";
import { corkUntilTurnEnds } from "./cork-per-turn.ts";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";
import { listenWithRooms } from "./socket-io-rooms.ts";

/** What engine.io keeps of a connection and its types do not name. */
interface Connection {
  request: unknown;
  readonly transport: { readonly socket: { readonly _socket: NetSocket } };
}

function tune({ conn }: Socket): void {
  const connection = conn as unknown as Connection;
  connection.request = null;
  const stream = connection.transport.socket._socket;
  conn.on("packetCreate", () => corkUntilTurnEnds(stream));
}

export const methods: MiddleMethods = middleMethods(() => {
  setFlagsFromString("--semi-space-growth-factor=1");
  return listenWithRooms(tune);
});
