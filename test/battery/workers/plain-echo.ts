/** A process that sends back what it is sent: what the machine itself takes for an echo. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

export type PlainEchoMethods = typeof methods;

export const methods = {
  async start(_input: undefined): Promise<number> {
    const server = createServer((socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  },
} as const;
