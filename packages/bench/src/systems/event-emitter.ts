import { EventEmitter, on } from "node:events";
import {
  type InProcessInput,
  type InProcessRun,
  type Requester,
  type SmallValue,
  Summer,
} from "./in-process.ts";
import { requestOverTopics } from "./request-topics.ts";
import type { System } from "./system.ts";

/** So many values wait at most in the iterator's queue, which has no limit of its own. */
const BURST = 1024;

function openHandler({ topics, values }: InProcessInput): InProcessRun {
  const emitter = new EventEmitter();
  const summer = new Summer();
  const [topic = ""] = topics;
  emitter.on(topic, (value: SmallValue) => summer.take(value));
  const mask = values.length - 1;
  return {
    publish(count): void {
      for (let index = 0; index < count; index += 1) emitter.emit(topic, values[index & mask]);
    },
    summer,
    close: () => void emitter.removeAllListeners(),
  };
}

function openIterator({ topics, values }: InProcessInput): InProcessRun {
  const emitter = new EventEmitter();
  const summer = new Summer();
  const [topic = ""] = topics;
  const ending = new AbortController();
  let wanted = 0;
  let reached = Promise.withResolvers<void>();
  const reading = (async (): Promise<void> => {
    for await (const [value] of on(emitter, topic, { signal: ending.signal })) {
      summer.take(value as SmallValue);
      if (summer.delivered === wanted) reached.resolve();
    }
  })().catch(() => {});
  const mask = values.length - 1;
  return {
    async publish(count): Promise<void> {
      for (let left = count; left > 0; left -= BURST) {
        const burst = Math.min(left, BURST);
        wanted += burst;
        reached = Promise.withResolvers();
        for (let index = 0; index < burst; index += 1) emitter.emit(topic, values[index & mask]);
        await reached.promise;
      }
    },
    summer,
    async close(): Promise<void> {
      ending.abort();
      await reading;
    },
  };
}

async function openRequests(topic: string): Promise<Requester> {
  const emitter = new EventEmitter();
  const { request, serve } = requestOverTopics({
    publish: (to, payload) => emitter.emit(to, payload),
    async subscribe([to = ""], handler): Promise<void> {
      emitter.on(to, handler);
    },
  });
  await serve(topic, (payload) => payload);
  return {
    request,
    async [Symbol.asyncDispose](): Promise<void> {
      emitter.removeAllListeners();
    },
  };
}

/** Node's EventEmitter: no patterns, no policies, an error in a handler reaches the publisher. */
export const system: System = {
  name: "EventEmitter",
  policy: {
    batching: "none: the handler is called inside emit",
    acknowledgement: "none",
    flow: "none; the iterator's queue is unbounded",
  },
  missing: () => undefined,
  startMiddle: () => Promise.reject(new Error("EventEmitter has no server")),
  inProcess: {
    supports: ({ delivery, match }) => match === "exact" && delivery !== "batches",
    open: async (input) =>
      input.delivery === "handler" ? openHandler(input) : openIterator(input),
    openRequests,
  },
};
