import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { findProgram, startServer } from "../harness/external-server.ts";
import { exactly } from "../harness/raw-socket.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { Address, Middle, ProgramClient, System } from "./system.ts";

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const CONNACK_BYTES = 4;
const SUBACK_HEAD_BYTES = 4;
const TOPICS_PER_SUBSCRIBE = 20;

async function connectProgram({ port }: Address): Promise<ProgramClient> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
  return {
    publish(topic, payload): boolean {
      client.publish(topic, Buffer.from(payload.buffer, payload.byteOffset, payload.length));
      return true;
    },
    drained: () => new Promise((resolve) => setImmediate(resolve)),
    async subscribe(topics, handler): Promise<void> {
      client.on("message", (_topic, payload) => handler(payload));
      for (let first = 0; first < topics.length; first += TOPICS_PER_SUBSCRIBE) {
        await client.subscribeAsync(topics.slice(first, first + TOPICS_PER_SUBSCRIBE));
      }
    },
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

/** A control packet: type, remaining length, contents (MQTT 3.1.1, 2.2). */
function packet(type: number, contents: Uint8Array): Buffer {
  const length: number[] = [];
  let rest = contents.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type, ...length]), contents]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

const form: MessageForm = {
  name: "mqtt",
  encode: (topic, _index, payload) => packet(PUBLISH, Buffer.concat([text(topic), payload])),
};

let clientCount = 0;

function connectPacket(): Buffer {
  clientCount += 1;
  const cleanSessionNoKeepAlive = Buffer.from([4, 2, 0, 0]);
  const client = text(`bench${process.pid}x${clientCount}`);
  return packet(CONNECT, Buffer.concat([text("MQTT"), cleanSessionNoKeepAlive, client]));
}

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await socket.write(connectPacket());
    await socket.readUntil(exactly(CONNACK_BYTES));
    socket.onBytes(() => {});
    return repeatingPublisher(shape, form);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await socket.write(connectPacket());
    await socket.readUntil(exactly(CONNACK_BYTES));
    for (let first = 0; first < shape.topics.length; first += TOPICS_PER_SUBSCRIBE) {
      const topics = shape.topics.slice(first, first + TOPICS_PER_SUBSCRIBE);
      const filters = topics.flatMap((topic) => [text(topic), Buffer.from([0])]);
      await socket.write(packet(SUBSCRIBE, Buffer.concat([Buffer.from([0, 1]), ...filters])));
      await socket.readUntil(exactly(SUBACK_HEAD_BYTES + topics.length));
    }
    return repeatingReceiver(shape, form);
  },
};

/** Writes the configuration and gives its path; readable for the user that the server turns into. */
function configFile(folder: string, port: number): string {
  const path = join(folder, "mosquitto.conf");
  const lines = [
    `listener ${port} 127.0.0.1`,
    "allow_anonymous true",
    "persistence false",
    "max_queued_messages 0",
    "set_tcp_nodelay true",
  ];
  chmodSync(folder, 0o755);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function startMiddle(): Promise<Middle> {
  const folder = mkdtempSync(join(tmpdir(), "bench-mosquitto-"));
  try {
    const server = await startServer("mosquitto", (port) => ["-c", configFile(folder, port)]);
    return { ...server, address: { port: server.port } };
  } finally {
    // It has read its configuration by the time it listens.
    rmSync(folder, { recursive: true });
  }
}

/** mosquitto with mqtt.js at QoS 0, or spoken to in bytes. */
export const system: System = {
  name: "mosquitto",
  policy: {
    batching: "client: mqtt.js, one turn; server: none",
    acknowledgement: "none (QoS 0)",
    flow: `${NO_FLOW_CONTROL}; max_queued_messages 0, or the server would drop`,
  },
  missing: () => (findProgram("mosquitto") === undefined ? "apt-get install mosquitto" : undefined),
  startMiddle,
  programs: { connect: connectProgram },
  raw,
};
