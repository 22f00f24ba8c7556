/** Publisher and subscriber in one process: what a publish costs when it is a function call. */
import { monotonicMs, nextTurn } from "../harness/monotonic.ts";
import type { InProcessInput, InProcessShape } from "../systems/in-process.ts";
import { loadSystem, type SystemName } from "../systems/registry.ts";

/** What to measure. */
export interface InProcessMeasurement extends InProcessShape {
  readonly system: SystemName;
  readonly warmupMs: number;
  readonly windowMs: number;
}

/** What was measured. */
export interface InProcessResult {
  readonly perSecond: number;
  readonly messages: number;
  readonly faults: readonly string[];
}

const VALUE_COUNT = 1024;
const WILDCARD_TOPICS = 128;
/** Between two looks at the clock; a multiple of the number of values. */
const CHUNK = 8 * VALUE_COUNT;

/** The methods of this process. */
export type InProcessMethods = typeof methods;

export const methods = {
  async measure(input: InProcessMeasurement): Promise<InProcessResult> {
    const { inProcess } = await loadSystem(input.system);
    if (inProcess === undefined) throw new Error(`${input.system} does not run in process`);
    const shape = inputOf(input);
    const run = await inProcess.open(shape);
    let published = 0;
    const publishFor = async (ms: number): Promise<number> => {
      const startMs = monotonicMs();
      const before = published;
      while (monotonicMs() - startMs < ms) {
        await run.publish(CHUNK);
        published += CHUNK;
      }
      return ((published - before) * 1000) / (monotonicMs() - startMs);
    };
    await publishFor(input.warmupMs);
    const perSecond = await publishFor(input.windowMs);
    await nextTurn();
    const faults = run.summer.faults(shape.values, published);
    await run.close();
    return { perSecond, messages: published, faults };
  },
} as const;

function inputOf({ delivery, match }: InProcessMeasurement): InProcessInput {
  const count = match === "exact" ? 1 : WILDCARD_TOPICS;
  return {
    delivery,
    match,
    topics: Array.from({ length: count }, (_, index) => `bench/${index}/value`),
    pattern: "bench/*/value",
    values: Array.from({ length: VALUE_COUNT }, (_, index) => ({ n: (index * 7919) % 1000 })),
  };
}
