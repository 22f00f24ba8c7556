import { startNodeMiddle } from "../middles/node-middle.ts";
import type { RawSocket } from "../harness/raw-socket.ts";
import {
  type Interlude,
  type MessageForm,
  repeatingPublisher,
  repeatingReceiver,
} from "./fixed-pattern.ts";
import { DIGITS, holeAt, UUID_LETTERS } from "./holes.ts";
import { jsonOf } from "./json-payload.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { System } from "./system.ts";
import { clientFrame, PING, PONG, readFrame, serverFrame, TEXT, upgrade } from "./websocket-raw.ts";

/** Stand where the server's clock and the ids that it gives will stand. */
const TIME = "1700000000000";
const ID = "00000000-0000-4000-8000-000000000000";

// [JSON-2.1] Without a message_id: the server makes one, as it does for most clients.
const published: MessageForm = {
  name: "omnibus json publish",
  encode: (topic, _index, payload) =>
    clientFrame(
      TEXT,
      Buffer.from(`{"type":"publish","topic":"${topic}","payload":${jsonOf(payload)}}`),
    ),
};

// [JSON-6.1]
const delivered: MessageForm = {
  name: "omnibus json broadcast",
  encode: (topic, _index, payload) =>
    serverFrame(
      TEXT,
      Buffer.from(
        `{"topic":"${topic}","payload":${jsonOf(payload)},"timestamp":${TIME},"message_id":"${ID}","qos":0}`,
      ),
    ),
  holesOf: (message) => [holeAt(message, TIME, DIGITS), holeAt(message, ID, UUID_LETTERS)],
};

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await upgrade(socket, "/");
    socket.onBytes(() => {});
    return repeatingPublisher(shape, published);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await upgrade(socket, "/");
    for (const topic of shape.topics) await subscribe(socket, topic);
    const onRead = (): void => void socket.write(clientFrame(PONG, new Uint8Array(0)));
    const ping: Interlude = { bytes: serverFrame(PING, new Uint8Array(0)), onRead };
    return repeatingReceiver(shape, delivered, ping);
  },
};

// [JSON-2.5] The confirmation comes once nothing that is published from then on will be missed.
async function subscribe(socket: RawSocket, topic: string): Promise<void> {
  const command = JSON.stringify({ type: "subscribe", topic, confirm: true });
  await socket.write(clientFrame(TEXT, Buffer.from(command)));
  const answer = (await readFrame(socket)).toString();
  if (!answer.startsWith(`{"type":"confirmed"`)) throw new Error(`not subscribed: ${answer}`);
}

/** Ours spoken to in JSON over WebSocket, at the server that `omnibus serve` composes. */
export const system: System = {
  name: "omnibus json",
  policy: {
    batching: "server: the text once per message, what one turn gave in one write per receiver",
    acknowledgement: "none (QoS 0)",
    flow:
      "a publisher is not read from while receivers cannot follow; the last 10 messages of the topic " +
      "are kept, as by default",
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("omnibus-server.ts", options),
  raw,
};
