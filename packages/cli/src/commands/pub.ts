import { Command } from "commander";
import { addConnectOptions } from "../connection/connect-options.ts";
import { examples } from "../examples.ts";
import type { PubFlags } from "../run-pub.ts";

/** `omnibus pub`. */
export function pubCommand(): Command {
  const command = new Command("pub")
    .summary("publish")
    .description(
      "Publish one value to a topic, or each line of standard input as a message of its own.\n" +
        "Values are text; with --json they are JSON values. A full queue makes it wait, so that\n" +
        "nothing is lost on the way to subscribers that keep up.",
    )
    .argument("<topic>", "a topic such as chat/general")
    .argument("[value]", "what to publish; without it the lines of standard input")
    .option("--json", "take values as JSON");
  return addConnectOptions(command)
    .addHelpText(
      "after",
      examples([
        ["omnibus pub chat/general hello", "one message"],
        [`omnibus pub robot/pose '{"x": 1}' --json`, "a JSON value"],
        ["tail -f app.log | omnibus pub log/app", "each line as it comes"],
      ]),
    )
    .action(async (topic: string, value: string | undefined, flags: PubFlags) => {
      const { pub } = await import("../run-pub.ts");
      await pub(topic, value, flags);
    });
}
