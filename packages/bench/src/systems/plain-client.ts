import { connect, type Socket } from "node:net";
import { ROLE_PUBLISHER, ROLE_SUBSCRIBER } from "../middles/roles.ts";
import { FrameReader, FrameWriter } from "./length-prefixed.ts";
import type { Address, ClientRole, ProgramClient } from "./system.ts";

/**
 * A program on the bare forwarder, or directly on an echo: frames with a length, nothing else. A
 * request goes out as a frame and its reply comes back as one, in order.
 */
export async function connectPlain({ port }: Address, role: ClientRole): Promise<ProgramClient> {
  const socket = await open(port, role === "sends" ? ROLE_PUBLISHER : ROLE_SUBSCRIBER);
  const writer = new FrameWriter((bytes) => void socket.write(bytes));
  let onFrame: (payload: Uint8Array, topicIndex: number) => void = () => {};
  const reader = new FrameReader((payload, topicIndex) => onFrame(payload, topicIndex));
  socket.on("data", (chunk) => reader.push(chunk));
  const numberOf = topicNumbers();
  const waiting: ((reply: Uint8Array) => void)[] = [];
  return {
    publish(topic, payload): boolean {
      writer.write(numberOf(topic), payload);
      return !socket.writableNeedDrain;
    },
    drained: () =>
      new Promise((resolve) => {
        if (socket.writableNeedDrain) socket.once("drain", resolve);
        else setImmediate(resolve);
      }),
    async subscribe(_topics, handler): Promise<void> {
      onFrame = (payload): void => handler(payload);
    },
    request(topic, payload): Promise<Uint8Array> {
      onFrame = (reply): void => waiting.shift()?.(Uint8Array.from(reply));
      return new Promise((resolve) => {
        waiting.push(resolve);
        writer.write(numberOf(topic), payload);
      });
    },
    async serve(_topic, handler): Promise<void> {
      onFrame = (payload, topicIndex): void => writer.write(topicIndex, handler(payload));
    },
    async [Symbol.asyncDispose](): Promise<void> {
      socket.destroy();
    },
  };
}

function topicNumbers(): (topic: string) => number {
  const numbers = new Map<string, number>();
  return (topic) => {
    const known = numbers.get(topic);
    if (known !== undefined) return known;
    numbers.set(topic, numbers.size);
    return numbers.size - 1;
  };
}

/** Connects and, as a subscriber, waits until the forwarder knows. */
async function open(port: number, role: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.setNoDelay(true);
  socket.write(role);
  if (role === ROLE_SUBSCRIBER) await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}
