import { fstatSync } from "node:fs";
import { type Bus, checkTopic } from "omnibus";
import type { ConnectFlags } from "./connection/connect-options.ts";
import { connect } from "./connection/connect.ts";
import { CommandError, failureOf } from "./failure.ts";
import { ProgressBar } from "./terminal/progress-bar.ts";
import { splitLines } from "./terminal/split-lines.ts";

/** Flags of `omnibus pub`. */
export interface PubFlags extends ConnectFlags {
  readonly json?: boolean;
}

/** How long what was published may take to leave, once all is read. */
const flushMs = 30_000;

/** Publishes `value`, or without one each line of standard input; ends when all has been sent. */
export async function pub(
  topic: string,
  value: string | undefined,
  flags: PubFlags,
): Promise<void> {
  const isJson = flags.json === true;
  if (isJson && value !== undefined && !isJsonText(value)) {
    throw new CommandError(`with --json the value must be JSON, not ${value}`, { exitCode: 2 });
  }
  // Before anything is dialled: a wrong topic is wrong wherever the server is.
  checkTopic(topic);
  const { bus, address } = await connect(flags);
  const publishing = new Publishing(bus, { topic, isJson, address });
  try {
    if (value !== undefined) publishing.tryPublish(value);
    else await Promise.race([publishLines(publishing), publishing.failed]);
    await publishing.finish();
  } finally {
    // Input that is still open would keep the process alive.
    process.stdin.destroy();
    await bus.close({ flushMs: 0 });
  }
}

async function publishLines(publishing: Publishing): Promise<void> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) stderr.write("reading messages, one per line; Ctrl-D ends\n");
  const output = stdin.isTTY ? { write: () => {} } : stderr;
  const bar = new ProgressBar({ output, totalBytes: inputBytes() });
  process.once("SIGINT", () => {
    bar.clear();
    process.exit(130);
  });
  try {
    for await (const { lines, bytes } of splitLines(stdin)) {
      for (const line of lines) {
        if (!publishing.tryPublish(line)) await publishing.drained();
      }
      bar.update(bytes, publishing.count);
    }
  } finally {
    bar.clear();
  }
}

/** The length of standard input, if it is a file. */
function inputBytes(): number | undefined {
  const facts = fstatSync(0);
  return facts.isFile() ? facts.size : undefined;
}

interface PublishingOptions {
  readonly topic: string;
  readonly isJson: boolean;
  readonly address: string;
}

/** Publishes to one topic over one connection; its loss is an error. */
class Publishing {
  readonly #bus: Bus;
  readonly #options: PublishingOptions;
  #failure: Error | undefined;
  #isFinished = false;
  /** Rejects when nothing more can be published. */
  readonly failed: Promise<never>;
  /** How many messages have been published. */
  count = 0;

  constructor(bus: Bus, options: PublishingOptions) {
    this.#bus = bus;
    this.#options = options;
    const { promise, reject } = Promise.withResolvers<never>();
    this.failed = promise;
    promise.catch(() => {}); // looked at where we wait
    const fail = (error: Error): void => {
      this.#failure ??= error;
      reject(error);
    };
    bus.on("disconnected", () => {
      if (!this.#isFinished) fail(this.#lost());
    });
    bus.on("error", fail);
  }

  /** False: wait for `drained` before the next one. */
  tryPublish(text: string): boolean {
    const { topic, isJson } = this.#options;
    const congestion = "wait";
    this.count++;
    if (!isJson) return this.#told(() => this.#bus.publish(topic, text, { congestion }));
    if (text.trim() === "") return true;
    if (!isJsonText(text)) throw new CommandError(`line ${this.count} is not JSON`);
    return this.#told(() => this.#bus.publishRaw(topic, { format: "json", text }, { congestion }));
  }

  drained(): Promise<void> {
    return Promise.race([this.#bus.drained(), this.failed]);
  }

  /** Resolves when the server has received all and refused nothing. */
  async finish(): Promise<void> {
    await this.drained();
    // The server answers in order: whatever it had to say of what we published was said before.
    await Promise.race([this.#bus.flush(), this.failed]);
    this.#isFinished = true;
    const { unsentBytes } = await Promise.race([this.#bus.close({ flushMs }), this.failed]);
    if (unsentBytes > 0) throw new CommandError(`${unsentBytes} bytes could not be sent`);
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** From the second line on an error says which one it is about. */
  #told(publish: () => boolean): boolean {
    try {
      return publish();
    } catch (cause) {
      const { sentence, exitCode } = failureOf(cause);
      if (this.count === 1 || exitCode === 2) throw cause;
      throw new CommandError(`line ${this.count}: ${sentence}`, { cause });
    }
  }

  #lost(): CommandError {
    const { address } = this.#options;
    return new CommandError(
      `the connection to ${address} was lost after ${this.count} messages; the last ones may be missing`,
    );
  }
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
