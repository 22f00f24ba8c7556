/**
 * The ceiling of a middle in Node: what publishers send is written to all subscribers as it comes,
 * and publishers are paused while a subscriber's buffer is full. The first byte of a connection says
 * its role. It neither parses nor checks anything.
 */
import { createServer, type Socket } from "node:net";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";
import { ROLE_SUBSCRIBER } from "./roles.ts";

const publishers = new Set<Socket>();
const subscribers = new Set<Socket>();
let fullCount = 0;

function forward(chunk: Buffer): void {
  let isFull = false;
  for (const subscriber of subscribers) {
    if (subscriber.write(chunk) || subscriber.listenerCount("drain") > 0) continue;
    isFull = true;
    fullCount += 1;
    subscriber.once("drain", release);
  }
  if (isFull) for (const publisher of publishers) publisher.pause();
}

function release(): void {
  fullCount -= 1;
  if (fullCount === 0) for (const publisher of publishers) publisher.resume();
}

function accept(socket: Socket): void {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.once("data", (first: Buffer) => {
    if (first.toString("latin1", 0, 1) === ROLE_SUBSCRIBER) {
      subscribers.add(socket);
      socket.write(ROLE_SUBSCRIBER);
      socket.on("data", forwardBack);
      socket.on("close", () => {
        subscribers.delete(socket);
        if (socket.listenerCount("drain") > 0) release();
      });
      return;
    }
    publishers.add(socket);
    socket.on("close", () => publishers.delete(socket));
    if (first.length > 1) forward(first.subarray(1));
    socket.on("data", forward);
  });
}

/** For requests: what a subscriber says goes to the publishers. */
function forwardBack(chunk: Buffer): void {
  for (const publisher of publishers) publisher.write(chunk);
}

export const methods: MiddleMethods = middleMethods(async () => {
  const server = createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
});
