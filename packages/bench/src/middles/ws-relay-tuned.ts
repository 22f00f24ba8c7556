/**
 * The relay on `ws` as somebody writes it who has measured it: the frame of a message is made once for
 * all receivers, a receiver is written to once per turn, and V8's young generation is kept small.
 */
import type { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import * as ws from "ws";
import { corkUntilTurnEnds } from "./cork-per-turn.ts";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

type Frame = (data: Buffer, options: object) => Buffer[];

const BINARY_OPCODE = 2;
const TEXT_OPCODE = 1;
// Exported, and missing in the types.
const { frame } = (ws as unknown as { Sender: { frame: Frame } }).Sender;
const subscribers = new Map<string, Set<Socket>>();

function accept(socket: WebSocket, path: string): void {
  const topic = path.slice("/sub/".length);
  const receivers = subscribers.get(topic) ?? new Set<Socket>();
  subscribers.set(topic, receivers);
  const { _socket: stream } = socket as unknown as { _socket: Socket };
  socket.on("error", () => socket.terminate());
  if (path.startsWith("/sub/")) {
    receivers.add(stream);
    socket.on("close", () => receivers.delete(stream));
    socket.send("subscribed");
    return;
  }
  socket.on("message", (data: RawData, isBinary: boolean) => {
    const opcode = isBinary ? BINARY_OPCODE : TEXT_OPCODE;
    const options = { fin: true, rsv1: false, opcode, mask: false, readOnly: true };
    const bytes = Buffer.concat(frame(data as Buffer, options));
    for (const receiver of receivers) {
      corkUntilTurnEnds(receiver);
      receiver.write(bytes);
    }
  });
}

export const methods: MiddleMethods = middleMethods(async () => {
  setFlagsFromString("--semi-space-growth-factor=1");
  const options = { clientTracking: false, skipUTF8Validation: true, perMessageDeflate: false };
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  server.on("connection", (socket, request) => accept(socket, request.url ?? "/"));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
});
