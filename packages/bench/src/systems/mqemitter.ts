import mqemitter from "mqemitter";
import {
  type InProcessInput,
  type InProcessRun,
  type Requester,
  type SmallValue,
  Summer,
} from "./in-process.ts";
import { requestOverTopics } from "./request-topics.ts";
import type { System } from "./system.ts";

interface ValueMessage {
  readonly topic: string;
  readonly value: SmallValue;
}

async function open({ match, topics, pattern, values }: InProcessInput): Promise<InProcessRun> {
  const emitter = mqemitter({ wildcardOne: "*" });
  const summer = new Summer();
  const subscribed = match === "exact" ? (topics[0] ?? "") : pattern;
  await new Promise<void>((resolve) => {
    emitter.on(
      subscribed,
      (message, done) => {
        summer.take((message as unknown as ValueMessage).value);
        done();
      },
      resolve,
    );
  });
  const valueMask = values.length - 1;
  const topicMask = topics.length - 1;
  return {
    publish(count): void {
      for (let index = 0; index < count; index += 1) {
        const topic = topics[index & topicMask] ?? "";
        emitter.emit({ topic, value: values[index & valueMask] });
      }
    },
    summer,
    close: () => new Promise((resolve) => emitter.close(resolve)),
  };
}

async function openRequests(topic: string): Promise<Requester> {
  const emitter = mqemitter();
  const { request, serve } = requestOverTopics({
    publish(to, payload): boolean {
      emitter.emit({ topic: to, payload });
      return true;
    },
    subscribe: ([to = ""], handler) =>
      new Promise((resolve) => {
        const take = (message: object, done: () => void): void => {
          handler((message as { payload: Uint8Array }).payload);
          done();
        };
        emitter.on(to, take, resolve);
      }),
  });
  await serve(topic, (payload) => payload);
  return {
    request,
    [Symbol.asyncDispose]: () => new Promise((resolve) => emitter.close(resolve)),
  };
}

/** mqemitter, the emitter with MQTT wildcards beneath aedes. */
export const system: System = {
  name: "mqemitter",
  policy: {
    batching: "none: the handler is called inside emit",
    acknowledgement: "the handler calls done",
    flow: "none; what is emitted before done is queued without bound",
  },
  missing: () => undefined,
  startMiddle: () => Promise.reject(new Error("mqemitter has no server")),
  inProcess: { supports: ({ delivery }) => delivery === "handler", open, openRequests },
};
