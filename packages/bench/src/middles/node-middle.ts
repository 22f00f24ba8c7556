import { forkWorker } from "../harness/fork-worker.ts";
import type { Address, MemoryUse, Middle, MiddleOptions } from "../systems/system.ts";

/** What the module of a Node middle exports as `methods`. Made with `middleMethods`. */
export interface MiddleMethods {
  readonly [method: string]: (input: never) => Promise<unknown>;
  /** Listens on free ports of the loopback interface. */
  listen(input: undefined): Promise<Address>;
  memory(input: { collect: boolean }): Promise<MemoryUse>;
}

/** Starts a module of this folder as a middle, in a process of its own. */
export async function startNodeMiddle(module: string, options?: MiddleOptions): Promise<Middle> {
  const worker = forkWorker<MiddleMethods>(new URL(module, import.meta.url), options);
  try {
    const address = await worker.call("listen", undefined);
    return {
      pid: worker.pid,
      address,
      memory: (input) => worker.call("memory", input),
      [Symbol.asyncDispose]: () => worker[Symbol.asyncDispose](),
    };
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
}
