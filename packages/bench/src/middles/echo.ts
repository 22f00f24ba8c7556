/** The responder without a middle: requester and echo talk over one socket. */
import { createServer } from "node:net";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";

export const methods: MiddleMethods = middleMethods(async () => {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    // The first byte is the role that the plain client begins with.
    socket.once("data", (first: Buffer) => {
      if (first.length > 1) socket.write(first.subarray(1));
      socket.on("data", (chunk) => socket.write(chunk));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
});
