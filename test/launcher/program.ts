/** A real process under test: its output as it comes, events to wait for, and an end for certain. */
import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Longest wait for any one thing; a test that runs into it fails. */
const PATIENCE_MS = 60_000;

/**
 * A started process, in a session and process group of its own: without a terminal. Disposing kills
 * it and whatever of its group is left.
 */
export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  /** Resolves when the process has ended and every copy of its output is closed: descendants too. */
  readonly ended: Promise<Ending>;
  #stdout = "";
  #stderr = "";
  readonly #listeners = new Set<() => void>();

  constructor(file: string, args: readonly string[], options: SpawnOptions) {
    const stdio: SpawnOptions["stdio"] = ["pipe", "pipe", "pipe"];
    this.child = spawn(file, args, { ...options, stdio, detached: true });
    this.child.stdin?.on("error", () => {}); // it may end before it reads
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#tell();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#tell();
    });
    this.ended = once(this.child, "close").then(([code, signal]) => {
      this.#tell();
      return {
        code: code as number | null,
        signal: signal as NodeJS.Signals | null,
        stdout: this.#stdout,
        stderr: this.#stderr,
      };
    });
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error("not started");
    return this.child.pid;
  }

  get output(): string {
    return this.#stdout + this.#stderr;
  }

  /** Resolves with the match once the output, standard or error, has it; rejects when it cannot come. */
  async sees(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (found !== null) resolve(found);
    };
    const fail = (why: string): void =>
      reject(new Error(`${why} without ${pattern}:\n${this.output}`));
    const timer = setTimeout(() => fail("waited too long"), PATIENCE_MS);
    this.#listeners.add(look);
    void this.ended.then(() => fail("ended"));
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
    }
  }

  write(text: string): void {
    this.child.stdin?.write(text);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // the whole group has ended
    }
    // A descendant that left the group would keep them open.
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
    await this.ended;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
