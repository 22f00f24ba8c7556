import { once } from "node:events";
import type { Message, Subscription } from "omnibus";
import type { SubFlags } from "./commands/sub.ts";
import { connect } from "./connection/connect.ts";
import { reportConnection } from "./connection/report-connection.ts";
import { endQuietlyOnBrokenPipe } from "./terminal/broken-pipe.ts";
import { jsonLine, prettyLine } from "./terminal/message-line.ts";

/** Prints messages until `count` have come or Ctrl-C ends it. */
export async function sub(pattern: string, flags: SubFlags): Promise<void> {
  endQuietlyOnBrokenPipe();
  let isSubscribed = false;
  process.once("SIGINT", () => process.exit(isSubscribed ? 0 : 130));
  const { bus, address } = await connect(flags);
  reportConnection(bus, address);
  const { replay } = flags;
  const subscription = bus.subscribe(pattern, {
    // Nothing is dropped here: who waits for us is slowed, who does not is told at the server.
    overflow: "block",
    ...(replay !== undefined && { replay }),
  });
  void subscription.ready.then(
    () => {
      isSubscribed = true;
      process.stderr.write(`subscribed to ${pattern} at ${address}\n`);
    },
    () => {}, // the iteration fails, too
  );
  await print(subscription, flags);
  await bus.close();
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
