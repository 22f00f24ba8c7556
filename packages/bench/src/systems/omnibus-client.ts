import { openBus, type Subscription } from "omnibus";
import { requestOverTopics } from "./request-topics.ts";
import type { ProgramClient } from "./system.ts";

/** How a program of ours is opened. */
export interface OmnibusClientOptions {
  /** `tcp://...` or `ws://...`. */
  readonly url: string;
  readonly congestion: "drop" | "wait";
}

/** A program that uses our public API only. A request is two topics. */
export async function connectOmnibus(options: OmnibusClientOptions): Promise<ProgramClient> {
  const bus = await openBus({ connect: options.url });
  const { congestion } = options;
  let missed = 0;
  const verbs = {
    publish: (topic: string, payload: Uint8Array): boolean =>
      bus.publish(topic, payload, { congestion }),
    subscribe: (
      topics: readonly string[],
      handler: (payload: Uint8Array) => void,
    ): Promise<void> => {
      const subscriptions = topics.map((topic) =>
        bus.subscribe<Uint8Array>(topic, (message) => {
          missed += message.missed;
          handler(message.value);
        }),
      );
      return allReady(subscriptions);
    },
  };
  return {
    ...verbs,
    ...requestOverTopics(verbs),
    drained: () => bus.drained(),
    ...(congestion === "drop" ? { toldLost: () => missed } : {}),
    [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
  };
}

async function allReady(subscriptions: readonly Subscription<Uint8Array>[]): Promise<void> {
  await Promise.all(subscriptions.map(({ ready }) => ready));
}
