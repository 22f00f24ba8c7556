/** Publishes to several topics in turn, at a rate or as fast as the slowest reader lets it. */
import { monotonicMs } from "../../../packages/bench/src/harness/monotonic.ts";
import { openBus } from "../../../packages/omnibus/src/index-node.ts";
import type { Bus } from "../../../packages/omnibus/src/index.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { contentOf, writeLoad } from "./load-payload.ts";

export interface PublisherInput {
  readonly url: string;
  readonly token: string;
  readonly topics: readonly string[];
  readonly bytes: number;
  /** Whether a history can be written afterwards. */
  readonly isRecorded: boolean;
}

const tickMs = 2;
/** Behind by more than this it leaves the rest out: a rate that is not kept is seen in `sent`. */
const maxBurst = 2000;

let bus: Bus | undefined;
let input: PublisherInput | undefined;
let sent: number[] = [];
let next = 0;
const log = new DeliveryLog();
let timer: NodeJS.Timeout | undefined;

function publishOne(congestion: "drop" | "wait"): boolean {
  if (bus === undefined || input === undefined) throw new Error("not open");
  const at = next;
  next = (next + 1) % input.topics.length;
  const n = sent[at] ?? 0;
  sent[at] = n + 1;
  const topic = input.topics[at] ?? "";
  const text = writeLoad(n, monotonicMs(), input.bytes);
  if (input.isRecorded) log.published(topic, n, contentOf(text));
  return bus.publish(topic, text, { congestion });
}

export type PublisherMethods = typeof methods;

export const methods = {
  async open(given: PublisherInput): Promise<void> {
    input = given;
    sent = given.topics.map(() => 0);
    const credentials = { kind: "token", token: given.token } as const;
    bus = await openBus({ connect: given.url, credentials });
  },
  /** Publishes so many a second from now on. */
  async start({ perSecond }: { perSecond: number }): Promise<void> {
    const began = performance.now();
    let published = 0;
    timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond) - published;
      const now = Math.min(due, maxBurst);
      for (let left = now; left > 0; left--) publishOne("drop");
      published += due;
    }, tickMs);
  },
  /** Ends that; how many were sent to each topic so far, all of them handled by the server. */
  async stop(_input: undefined): Promise<{ sent: readonly number[]; dropped: number }> {
    clearInterval(timer);
    await bus?.flush();
    log.taken();
    return { sent, dropped: bus?.stats.dropped ?? 0 };
  },
  /** One more to each topic. */
  async round(_input: undefined): Promise<void> {
    for (let left = input?.topics.length ?? 0; left > 0; left--) publishOne("drop");
    await bus?.flush();
  },
  async writeHistory({ file }: { file: string }): Promise<void> {
    log.write(file);
  },
  /** As fast as all readers follow, for so long; messages a second. */
  async saturate({ forMs }: { forMs: number }): Promise<number> {
    const began = performance.now();
    let published = 0;
    while (performance.now() - began < forMs) {
      let isFree = true;
      for (let left = 100; left > 0 && isFree; left--) {
        isFree = publishOne("wait");
        published++;
      }
      if (!isFree) await bus?.drained();
      else await new Promise((resolve) => setImmediate(resolve));
    }
    await bus?.flush();
    return published / ((performance.now() - began) / 1000);
  },
} as const;
