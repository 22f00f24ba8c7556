import { findProgram, startServer } from "../harness/external-server.ts";
import { type RawSocket } from "../harness/raw-socket.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import { connectRedis, encodeCommand } from "./redis-client.ts";
import type { Middle, System } from "./system.ts";

const published: MessageForm = {
  name: "redis PUBLISH",
  encode: (topic, _index, payload) => encodeCommand(["PUBLISH", topic, payload]),
};

const delivered: MessageForm = {
  name: "redis message",
  encode: (topic, _index, payload) => encodeCommand(["message", topic, payload]),
};

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    socket.onBytes(() => {});
    return repeatingPublisher(shape, published);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await subscribe(socket, shape.topics);
    return repeatingReceiver(shape, delivered);
  },
};

/** Subscribes and reads the confirmation of each topic. */
async function subscribe(socket: RawSocket, topics: readonly string[]): Promise<void> {
  await socket.write(encodeCommand(["SUBSCRIBE", ...topics]));
  const confirmations = topics.map(
    (topic, index) =>
      `*3\r\n$9\r\nsubscribe\r\n$${Buffer.byteLength(topic)}\r\n${topic}\r\n:${index + 1}\r\n`,
  );
  const expected = confirmations.join("").length;
  await socket.readUntil((bytes) => (bytes.length < expected ? undefined : expected));
}

/** redis-server's publish and subscribe, without persistence. */
export const system: System = {
  name: "redis",
  policy: {
    batching:
      "client: our RESP client of 100 lines gathers 64 KiB or one callback; server: pipelines",
    acknowledgement: "the server answers every PUBLISH; answers are read and not waited for",
    flow: NO_FLOW_CONTROL,
  },
  missing: () =>
    findProgram("redis-server") === undefined ? "apt-get install redis-server" : undefined,
  startMiddle: async (): Promise<Middle> => {
    const options = "--bind 127.0.0.1 --save  --appendonly no".split(" ");
    const unlimited = ["--client-output-buffer-limit", "pubsub 0 0 0"];
    const server = await startServer("redis-server", (port) => [
      "--port",
      `${port}`,
      ...options,
      ...unlimited,
    ]);
    return { ...server, address: { port: server.port } };
  },
  programs: { connect: connectRedis },
  raw,
};
