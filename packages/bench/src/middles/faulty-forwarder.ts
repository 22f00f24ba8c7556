/**
 * A forwarder with a planted fault, named by the environment: the benchmark must find each of them.
 * It understands the frames of the plain client, and does wrong by one of the first hundred.
 */
import { createServer, type Socket } from "node:net";
import { encodeFrame, FrameReader } from "../systems/length-prefixed.ts";
import { middleMethods } from "./middle-methods.ts";
import type { MiddleMethods } from "./node-middle.ts";
import { FAULT_VARIABLE, ROLE_SUBSCRIBER } from "./roles.ts";

const WRONG_AT = 70;

/** Behind those that the measurement of idle ones opens and closes first. */
const HANG_UP_AT = 210;

const publishers = new Set<Socket>();
const subscribers = new Set<Socket>();
const fault = process.env[FAULT_VARIABLE];
let count = 0;
let subscriberCount = 0;
let held: Uint8Array | undefined;

/** What is sent instead of one frame. */
function pass(frame: Uint8Array): Uint8Array[] {
  const at = count;
  count += 1;
  if (held !== undefined) {
    const late = held;
    held = undefined;
    return [frame, late];
  }
  if (at !== WRONG_AT) return [frame];
  if (fault === "lost") return [];
  if (fault === "duplicated") return [frame, frame];
  if (fault === "corrupted") return [frame.map((byte, index) => (index === 8 ? byte ^ 1 : byte))];
  if (fault === "reordered") held = frame;
  return fault === "reordered" ? [] : [frame];
}

function accept(socket: Socket): void {
  socket.on("error", () => socket.destroy());
  socket.once("data", (first: Buffer) => {
    if (first.toString("latin1", 0, 1) === ROLE_SUBSCRIBER) {
      subscribers.add(socket);
      socket.write(ROLE_SUBSCRIBER);
      // For requests: what a subscriber says goes to the publishers.
      socket.on("data", (chunk) => {
        for (const publisher of publishers) publisher.write(chunk);
      });
      socket.on("close", () => subscribers.delete(socket));
      subscriberCount += 1;
      if (fault === "hung up" && subscriberCount === HANG_UP_AT) socket.end();
      return;
    }
    publishers.add(socket);
    const reader = new FrameReader((payload, topicIndex) => {
      for (const frame of pass(encodeFrame(topicIndex, payload))) {
        for (const subscriber of subscribers) subscriber.write(frame);
      }
    });
    reader.push(first.subarray(1));
    socket.on("data", (chunk) => reader.push(chunk));
  });
}

export const methods: MiddleMethods = middleMethods(async () => {
  const server = createServer(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening");
  return { port: address.port };
});
