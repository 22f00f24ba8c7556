/** socket.io's rooms: `sub` joins one, `pub` sends to all in it. */
import { createServer } from "node:http";
import { Server } from "socket.io";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

export const methods: MiddleMethods = middleMethods(async () => {
  const http = createServer();
  const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
  io.on("connection", (socket) => {
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
});
