import { createServer } from "node:http";
import { Server, type Socket } from "socket.io";
import type { Address } from "../systems/system.ts";

/** socket.io's rooms: `sub` joins one, `pub` sends to all in it. `accepted` sees each socket first. */
export async function listenWithRooms(accepted?: (socket: Socket) => void): Promise<Address> {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
  io.on("connection", (socket) => {
    accepted?.(socket);
    socket.on("sub", (topic: string, done: () => void) => {
      void socket.join(topic);
      done();
    });
    socket.on("pub", (topic: string, payload: unknown) => {
      io.to(topic).emit("m", payload);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
}
