import { connect, type ConnectionOptions, type NatsConnection } from "@nats-io/transport-node";
import { findProgram, startServer } from "../harness/external-server.ts";
import { type RawSocket, upTo } from "../harness/raw-socket.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { Address, Middle, ProgramClient, System } from "./system.ts";

const REQUEST_TIMEOUT_MS = 10_000;
/** Subscription ids of one length, so that all messages are equally long. */
const FIRST_SID = 1000;
const PING = Buffer.from("PING\r\n");

/** A program with nats.js; `options` beside its defaults. */
export async function connectNats(
  { port }: Address,
  options?: ConnectionOptions,
): Promise<ProgramClient> {
  const servers = `127.0.0.1:${port}`;
  const connection = await connect({ servers, reconnect: false, ...options });
  return {
    publish(topic, payload): boolean {
      connection.publish(subjectOf(topic), payload);
      return true;
    },
    drained: () => connection.flush(),
    async subscribe(topics, handler): Promise<void> {
      for (const topic of topics) {
        connection.subscribe(subjectOf(topic), {
          callback: (error, message) => {
            if (error === null) handler(message.data);
          },
        });
      }
      await connection.flush();
    },
    async request(topic, payload): Promise<Uint8Array> {
      const options = { timeout: REQUEST_TIMEOUT_MS };
      return (await connection.request(subjectOf(topic), payload, options)).data;
    },
    serve: (topic, handler) => serve(connection, topic, handler),
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

async function serve(
  connection: NatsConnection,
  topic: string,
  handler: (payload: Uint8Array) => Uint8Array,
): Promise<void> {
  connection.subscribe(subjectOf(topic), {
    callback: (error, message) => {
      if (error === null) message.respond(handler(message.data));
    },
  });
  await connection.flush();
}

const subjects = new Map<string, string>();

/** `b/0000` in NATS's spelling; looked up, as a program would have it at hand. */
function subjectOf(topic: string): string {
  const known = subjects.get(topic);
  if (known !== undefined) return known;
  const subject = topic.replaceAll("/", ".");
  subjects.set(topic, subject);
  return subject;
}

const published: MessageForm = {
  name: "nats PUB",
  encode: (topic, _index, payload) =>
    enclose(`PUB ${subjectOf(topic)} ${payload.length}\r\n`, payload),
};

const delivered: MessageForm = {
  name: "nats MSG",
  encode: (topic, index, payload) =>
    enclose(`MSG ${subjectOf(topic)} ${FIRST_SID + index} ${payload.length}\r\n`, payload),
};

function enclose(head: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(head), payload, Buffer.from("\r\n")]);
}

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await shakeHands(socket, "");
    socket.onBytes((chunk) => answerPings(socket, chunk));
    return repeatingPublisher(shape, published);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    const subscriptions = shape.topics.map(
      (topic, index) => `SUB ${subjectOf(topic)} ${FIRST_SID + index}\r\n`,
    );
    await shakeHands(socket, subscriptions.join(""));
    const onRead = (): void => void socket.write("PONG\r\n");
    return repeatingReceiver(shape, delivered, { bytes: PING, onRead });
  },
};

async function shakeHands(socket: RawSocket, afterConnect: string): Promise<void> {
  await socket.readUntil(upTo("\r\n"));
  const options = { verbose: false, pedantic: false, lang: "bench", version: "0", protocol: 1 };
  await socket.write(`CONNECT ${JSON.stringify(options)}\r\n${afterConnect}PING\r\n`);
  await socket.readUntil(upTo("PONG\r\n"));
}

function answerPings(socket: RawSocket, chunk: Uint8Array): void {
  if (Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes(PING)) {
    void socket.write("PONG\r\n");
  }
}

/** nats-server with nats.js, or spoken to in bytes. */
export const system: System = {
  name: "nats",
  policy: {
    batching: "client: nats.js gathers 32 KiB or one turn; server: gathers per connection",
    acknowledgement: "none (core NATS)",
    flow: NO_FLOW_CONTROL,
  },
  missing: () =>
    findProgram("nats-server") === undefined ? "apt-get install nats-server" : undefined,
  startMiddle: async (): Promise<Middle> => {
    const server = await startServer("nats-server", (port) => ["-a", "127.0.0.1", "-p", `${port}`]);
    return { ...server, address: { port: server.port } };
  },
  programs: { connect: (address) => connectNats(address) },
  raw,
};
