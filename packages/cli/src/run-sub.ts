import { once } from "node:events";
import { checkPattern, type Message, type Subscription } from "omnibus";
import type { ConnectFlags } from "./connection/connect-options.ts";
import { connect } from "./connection/connect.ts";
import { watchConnection } from "./connection/watch-connection.ts";
import { jsonLine, prettyLine } from "./terminal/message-line.ts";

/** Flags of `omnibus sub`. */
export interface SubFlags extends ConnectFlags {
  readonly count?: number;
  readonly replay?: number;
  readonly json?: boolean;
}

const maxQueueBytes = 64 * 1_048_576;

/** Prints messages until `count` have come or Ctrl-C ends it. */
export async function sub(pattern: string, flags: SubFlags): Promise<void> {
  checkPattern(pattern);
  let isSubscribed = false;
  process.once("SIGINT", () => process.exit(isSubscribed ? 0 : 130));
  const connection = await connect(flags);
  const { bus, address } = connection;
  const lost = watchConnection(connection);
  const wakeful = keepAwake();
  const { replay } = flags;
  const subscription = bus.subscribe(pattern, {
    // Who publishes with patience is slowed when half of this waits, and what is under way then must
    // find room: nothing is dropped between `pub` and the end of a slow pipe.
    overflow: "block",
    maxQueueBytes,
    ...(replay !== undefined && { replay }),
  });
  void subscription.ready.then(
    () => {
      isSubscribed = true;
      process.stderr.write(`subscribed to ${pattern} at ${address}\n`);
    },
    () => {}, // the iteration fails, too
  );
  try {
    await Promise.race([print(subscription, flags), lost]);
  } finally {
    wakeful.close();
    await bus.close();
  }
}

/** Keeps the process alive while there is no connection: the bus waits without doing so. */
function keepAwake(): MessagePort {
  const { port1 } = new MessageChannel();
  port1.onmessage = (): void => {};
  return port1;
}

async function print(subscription: Subscription<unknown>, flags: SubFlags): Promise<void> {
  const { stdout } = process;
  const lineOf = flags.json !== true && stdout.isTTY ? pretty : jsonLine;
  let left = flags.count ?? Infinity;
  for await (const batch of subscription.batches()) {
    const shown = batch.slice(0, left);
    left -= shown.length;
    const isTaken = stdout.write(shown.map((message) => `${lineOf(message)}\n`).join(""));
    if (!isTaken) await once(stdout, "drain");
    if (left === 0) return;
  }
}

function pretty(message: Message): string {
  const { stdout } = process;
  return prettyLine(message, { hasColors: stdout.hasColors(), width: stdout.columns });
}
