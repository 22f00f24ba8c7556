import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** What a worker module exports as `methods`: each takes and gives back one structured-clone value. */
export type Methods = Readonly<Record<string, (input: never) => Promise<unknown>>>;

/** One call as it travels to the worker. */
export interface Call {
  readonly id: number;
  readonly method: string;
  readonly input: unknown;
}

/** Its answer. */
export interface Reply {
  readonly id: number;
  readonly output?: unknown;
  /** The error's text with its stack, when the method threw. */
  readonly error?: string;
}

type InputOf<M extends Methods, K extends keyof M> = Parameters<M[K]>[0];
type OutputOf<M extends Methods, K extends keyof M> = Awaited<ReturnType<M[K]>>;

/** A process of its own that serves the methods of one module. Disposing kills it. */
export interface Worker<M extends Methods> extends AsyncDisposable {
  readonly pid: number;
  call<K extends keyof M & string>(method: K, input: InputOf<M, K>): Promise<OutputOf<M, K>>;
}

/** What else a worker is started with. */
export interface ForkOptions {
  /** Added to the flags of this process. Default: none. */
  readonly nodeFlags?: readonly string[];
}

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

interface Pending {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/**
 * Starts a process of the same Node with the same flags and serves `moduleUrl`'s `methods` in it. A
 * call that the worker's death leaves open fails with an error that says so.
 */
export function forkWorker<M extends Methods>(moduleUrl: URL, options?: ForkOptions): Worker<M> {
  const modulePath = fileURLToPath(moduleUrl);
  const child = fork(WORKER, [modulePath], {
    execPath: process.execPath,
    execArgv: [...process.execArgv, ...(options?.nodeFlags ?? [])],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`could not start a process for ${modulePath}`);
  const pending = new Map<number, Pending>();
  let nextId = 0;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      const error = new Error(`${modulePath} ended (${signal ?? code}) with calls open`);
      for (const waiting of pending.values()) waiting.reject(error);
      pending.clear();
      resolve();
    });
  });
  child.on("message", ({ id, output, error }: Reply) => {
    const waiting = pending.get(id);
    pending.delete(id);
    if (error === undefined) waiting?.resolve(output);
    else waiting?.reject(new Error(error));
  });
  return {
    pid,
    call: <K extends keyof M & string>(method: K, input: InputOf<M, K>) =>
      new Promise<OutputOf<M, K>>((resolve, reject) => {
        const id = nextId;
        nextId += 1;
        pending.set(id, { resolve: (output) => resolve(output as OutputOf<M, K>), reject });
        child.send({ id, method, input } satisfies Call, (failure) => {
          if (failure !== null) reject(failure);
        });
      }),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
