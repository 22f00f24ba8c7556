import { Command } from "commander";
import { addConnectOptions } from "../connection/connect-options.ts";
import { examples } from "../examples.ts";
import { parseCount } from "../parse-count.ts";
import type { SubFlags } from "../run-sub.ts";

/** `omnibus sub`. */
export function subCommand(): Command {
  const command = new Command("sub")
    .summary("print what is published")
    .description(
      "Subscribe to a topic or pattern and print each message: topic, time and value.\n" +
        "In a pattern `*` stands for one segment and `**`, at the end, for one or more.\n" +
        "On a terminal it is made for reading, in a pipe it is one JSON object per line.",
    )
    .argument("<pattern>", "a topic such as chat/general, or a pattern such as 'chat/**'")
    .option("-n, --count <number>", "end after so many messages", parseCount(1))
    .option(
      "--replay <number>",
      "begin with so many of the latest of each topic that the server keeps (broker.history)",
      parseCount(0),
    )
    .option("--json", "JSON lines on a terminal, too");
  return addConnectOptions(command)
    .addHelpText(
      "after",
      examples([
        ["omnibus sub 'chat/**'", "all below chat"],
        ["omnibus sub 'chat/*' --replay 10", "the last ten of each first"],
        ["omnibus sub chat/general --count 1 | jq .value", "wait for one"],
        ["omnibus sub 'log/**' --url wss://bus.example.com --user ada", "from elsewhere"],
      ]),
    )
    .action(async (pattern: string, flags: SubFlags) => {
      const { sub } = await import("../run-sub.ts");
      await sub(pattern, flags);
    });
}
