import { openBus } from "omnibus";
import {
  type InProcessInput,
  type InProcessRun,
  type Requester,
  type SmallValue,
  Summer,
} from "./in-process.ts";
import { requestOverTopics } from "./request-topics.ts";

/** So many values wait at most in a subscription's queue. */
const BURST = 1024;

/** One bus, one publisher, one subscriber, in this process. */
export async function openInProcess(input: InProcessInput): Promise<InProcessRun> {
  const bus = await openBus({ strict: false });
  const summer = new Summer();
  const subscribed = input.match === "exact" ? (input.topics[0] ?? "") : input.pattern;
  const { topics, values } = input;
  const topicMask = topics.length - 1;
  const valueMask = values.length - 1;
  const publishSome = (count: number): void => {
    for (let index = 0; index < count; index += 1) {
      bus.publish(topics[index & topicMask] ?? "", values[index & valueMask]);
    }
  };
  const close = async (): Promise<void> => void (await bus.close({ flushMs: 0 }));
  if (input.delivery === "handler") {
    const subscription = bus.subscribe<SmallValue>(subscribed, ({ value }) => summer.take(value));
    await subscription.ready;
    return { publish: publishSome, summer, close };
  }
  let wanted = 0;
  let reached = Promise.withResolvers<void>();
  const subscription = bus.subscribe<SmallValue>(subscribed);
  await subscription.ready;
  const check = (): void => {
    if (summer.delivered === wanted) reached.resolve();
  };
  const read = async (): Promise<void> => {
    if (input.delivery === "batches") {
      for await (const batch of subscription.batches()) {
        for (const { value } of batch) summer.take(value);
        check();
      }
      return;
    }
    for await (const { value } of subscription) {
      summer.take(value);
      check();
    }
  };
  const reading = read();
  return {
    async publish(count): Promise<void> {
      for (let left = count; left > 0; left -= BURST) {
        const burst = Math.min(left, BURST);
        wanted += burst;
        reached = Promise.withResolvers();
        publishSome(burst);
        await reached.promise;
      }
    },
    summer,
    async close(): Promise<void> {
      await close();
      await reading;
    },
  };
}

/** Requests over two topics of one bus. */
export async function openRequests(topic: string): Promise<Requester> {
  const bus = await openBus({ strict: false });
  const { request, serve } = requestOverTopics({
    publish: (to, payload) => bus.publish(to, payload),
    async subscribe([to = ""], handler): Promise<void> {
      await bus.subscribe<Uint8Array>(to, ({ value }) => handler(value)).ready;
    },
  });
  await serve(topic, (payload) => payload);
  return { request, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}
