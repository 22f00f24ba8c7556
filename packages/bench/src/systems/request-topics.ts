import { sequenceOf } from "../stats/payload.ts";
import type { ProgramClient } from "./system.ts";

const REPLY_SUFFIX = "/reply";

type Verbs = Pick<ProgramClient, "publish" | "subscribe">;

/**
 * Requests over two topics, for systems without requests of their own: the sequence number that every
 * payload carries finds the reply's request.
 */
export function requestOverTopics({
  publish,
  subscribe,
}: Verbs): Required<Pick<ProgramClient, "request" | "serve">> {
  const waiting = new Map<number, (reply: Uint8Array) => void>();
  const subscribed = new Map<string, Promise<void>>();
  const listen = (topic: string): Promise<void> => {
    const known = subscribed.get(topic);
    if (known !== undefined) return known;
    const ready = subscribe([topic + REPLY_SUFFIX], (reply) => {
      const sequence = sequenceOf(reply);
      const resolve = waiting.get(sequence);
      waiting.delete(sequence);
      resolve?.(reply);
    });
    subscribed.set(topic, ready);
    return ready;
  };
  let isReady = false;
  return {
    async request(topic, payload): Promise<Uint8Array> {
      if (!isReady) {
        await listen(topic);
        isReady = true;
      }
      return await new Promise((resolve) => {
        waiting.set(sequenceOf(payload), resolve);
        publish(topic, payload);
      });
    },
    serve: (topic, handler) =>
      subscribe([topic], (payload) => void publish(topic + REPLY_SUFFIX, handler(payload))),
  };
}
