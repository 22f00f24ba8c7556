import { startNodeMiddle } from "../middles/node-middle.ts";
import type { RawSocket } from "../harness/raw-socket.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { jsonOf } from "./json-payload.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { System } from "./system.ts";
import { clientFrame, readFrame, serverFrame, TEXT, upgrade } from "./websocket-raw.ts";

const published: MessageForm = {
  name: "socket.io pub",
  encode: (topic, _index, payload) =>
    clientFrame(TEXT, Buffer.from(`42["pub","${topic}",${jsonOf(payload)}]`)),
};

const delivered: MessageForm = {
  name: "socket.io m",
  encode: (_topic, _index, payload) => serverFrame(TEXT, Buffer.from(`42["m",${jsonOf(payload)}]`)),
};

/** Engine.IO 4 over WebSocket only, then the default namespace. */
async function shakeHands(socket: RawSocket): Promise<void> {
  await upgrade(socket, "/socket.io/?EIO=4&transport=websocket");
  await readFrame(socket);
  await socket.write(clientFrame(TEXT, Buffer.from("40")));
  await readFrame(socket);
}

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await shakeHands(socket);
    socket.onBytes(() => {});
    return repeatingPublisher(shape, published);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await shakeHands(socket);
    await socket.write(clientFrame(TEXT, Buffer.from(`420["sub","${shape.topics[0]}"]`)));
    await readFrame(socket);
    return repeatingReceiver(shape, delivered);
  },
};

/** socket.io with rooms, over WebSocket, JSON payloads. */
export const system: System = {
  name: "socket.io",
  policy: {
    batching: "none: one write per message and receiver; the text is made once per message",
    acknowledgement: "none",
    flow: NO_FLOW_CONTROL,
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("socket-io-server.ts", options),
  raw,
};
