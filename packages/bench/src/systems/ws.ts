import { startNodeMiddle } from "../middles/node-middle.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { NO_FLOW_CONTROL } from "./pacing.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { System } from "./system.ts";
import { BINARY, clientFrame, readFrame, serverFrame, upgrade } from "./websocket-raw.ts";

const published: MessageForm = {
  name: "ws client",
  encode: (_topic, _index, payload) => clientFrame(BINARY, payload),
};

const delivered: MessageForm = {
  name: "ws server",
  encode: (_topic, _index, payload) => serverFrame(BINARY, payload),
};

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await upgrade(socket, `/pub/${shape.topics[0]}`);
    socket.onBytes(() => {});
    return repeatingPublisher(shape, published);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await upgrade(socket, `/sub/${shape.topics[0]}`);
    await readFrame(socket);
    return repeatingReceiver(shape, delivered);
  },
};

/** A relay of 30 lines on `ws`, as programs without a bus have it. */
export const system: System = {
  name: "ws",
  policy: {
    batching: "none: one write per message and receiver",
    acknowledgement: "none",
    flow: NO_FLOW_CONTROL,
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("ws-relay.ts", options),
  raw,
};
