import { Aedes } from "aedes";
import { type InProcessInput, type InProcessRun, Summer } from "./in-process.ts";
import type { System } from "./system.ts";

/** So many publishes at most wait for their callbacks. */
const BURST = 256;
const EMPTY = Buffer.alloc(4);

async function open({ match, topics, pattern, values }: InProcessInput): Promise<InProcessRun> {
  const broker = await Aedes.createBroker();
  const summer = new Summer();
  const subscribed = match === "exact" ? (topics[0] ?? "") : pattern.replaceAll("*", "+");
  await new Promise<void>((resolve) => {
    broker.subscribe(
      subscribed,
      (packet, done) => {
        if (typeof packet.payload !== "string") summer.takeNumber(packet.payload.readUInt32LE(0));
        done();
      },
      resolve,
    );
  });
  const payloads = values.map(({ n }) => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(n);
    return payload;
  });
  const topicMask = topics.length - 1;
  const valueMask = values.length - 1;
  const publishOne = (index: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const packet = {
        cmd: "publish" as const,
        qos: 0 as const,
        dup: false,
        retain: false,
        topic: topics[index & topicMask] ?? "",
        payload: payloads[index & valueMask] ?? EMPTY,
      };
      broker.publish(packet, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(error);
      });
    });
  return {
    async publish(count): Promise<void> {
      for (let at = 0; at < count; at += BURST) {
        const burst: Promise<void>[] = [];
        for (let index = at; index < Math.min(count, at + BURST); index += 1) {
          burst.push(publishOne(index));
        }
        await Promise.all(burst);
      }
    },
    summer,
    close: () => new Promise((resolve) => broker.close(() => resolve())),
  };
}

/** aedes, an MQTT broker in process, published to without a socket. */
export const system: System = {
  name: "aedes",
  policy: {
    batching: "none; values travel as 4 bytes",
    acknowledgement: "a callback per publish; 256 outstanding",
    flow: "the callback",
  },
  missing: () => undefined,
  startMiddle: () => Promise.reject(new Error("aedes runs in process here")),
  inProcess: { supports: ({ delivery }) => delivery === "handler", open },
};
