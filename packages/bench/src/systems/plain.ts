import { upTo } from "../harness/raw-socket.ts";
import { ROLE_PUBLISHER, ROLE_SUBSCRIBER } from "../middles/roles.ts";
import { startNodeMiddle } from "../middles/node-middle.ts";
import { type MessageForm, repeatingPublisher, repeatingReceiver } from "./fixed-pattern.ts";
import { encodeFrame } from "./length-prefixed.ts";
import { connectPlain } from "./plain-client.ts";
import type { RawProtocol, RawPublisher, RawReceiver } from "./raw-protocol.ts";
import type { System } from "./system.ts";

const form: MessageForm = {
  name: "plain",
  encode: (_topic, topicIndex, payload) => encodeFrame(topicIndex, payload),
};

const raw: RawProtocol = {
  async openPublisher(socket, shape): Promise<RawPublisher> {
    await socket.write(ROLE_PUBLISHER);
    return repeatingPublisher(shape, form);
  },
  async openSubscriber(socket, shape): Promise<RawReceiver> {
    await socket.write(ROLE_SUBSCRIBER);
    await socket.readUntil(upTo(ROLE_SUBSCRIBER));
    return repeatingReceiver(shape, form);
  },
};

/** The ceiling: a forwarder of a page of Node that neither parses nor checks. */
export const system: System = {
  name: "plain forwarder",
  policy: {
    batching: "client: 64 KiB or one callback; forwarder: what one read gave",
    acknowledgement: "none",
    flow: "TCP from end to end: socket buffers only",
  },
  missing: () => undefined,
  startMiddle: (options) => startNodeMiddle("plain-forwarder.ts", options),
  programs: { connect: connectPlain },
  raw,
};
