import { PerformanceObserver } from "node:perf_hooks";
import type { Address } from "../systems/system.ts";
import type { MiddleMethods } from "./node-middle.ts";

/**
 * The methods of a Node middle: `listen` as given, and `memory`, which counts garbage collections
 * from the first call on and can force one under `--expose-gc`.
 */
export function middleMethods(listen: () => Promise<Address>): MiddleMethods {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  observer.observe({ entryTypes: ["gc"] });
  return {
    listen: () => listen(),
    memory: async ({ collect }) => {
      if (collect) await globalThis.gc?.({ type: "major", execution: "async" });
      const { heapUsed, external } = process.memoryUsage();
      return { heap: heapUsed, external, collections };
    },
  };
}
