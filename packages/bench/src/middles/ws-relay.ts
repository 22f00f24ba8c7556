/** The relay that everybody writes with `ws`: a map of topics to sockets, and a loop. */
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

const subscribers = new Map<string, Set<WebSocket>>();

/** `/sub/TOPIC` subscribes and is told so; what comes at `/pub/TOPIC` goes to its subscribers. */
function accept(socket: WebSocket, path: string): void {
  const topic = path.slice("/sub/".length);
  const receivers = subscribers.get(topic) ?? new Set<WebSocket>();
  subscribers.set(topic, receivers);
  socket.on("error", () => socket.terminate());
  if (path.startsWith("/sub/")) {
    receivers.add(socket);
    socket.on("close", () => receivers.delete(socket));
    socket.send("subscribed");
    return;
  }
  socket.on("message", (data: RawData, binary: boolean) => {
    for (const receiver of receivers) receiver.send(data, { binary });
  });
}

export const methods: MiddleMethods = middleMethods(async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
  server.on("connection", (socket, request) => accept(socket, request.url ?? "/"));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
});
