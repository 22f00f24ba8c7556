import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { CommandError } from "../failure.ts";
import { examples } from "../examples.ts";

/** `omnibus bench`. */
export function benchCommand(): Command {
  return new Command("bench")
    .summary("run the benchmarks of a clone")
    .description(
      "Run the side-by-side benchmarks, which are part of the repository and not of the package.\n" +
        "Everything after `bench` is handed on; `omnibus bench -- --help` shows what it takes.",
    )
    .argument("[arguments...]", "arguments of the benchmark program")
    .allowUnknownOption()
    .addHelpText(
      "after",
      examples([
        ["omnibus bench --check", "the short form, for correctness"],
        ["omnibus bench --full --rows B1,B3", "some rows in full length"],
      ]),
    )
    .action(async (given: readonly string[]) => {
      const script = join(import.meta.dirname, "..", "..", "..", "bench", "src", "main.ts");
      if (!existsSync(script)) {
        throw new CommandError(
          "the benchmarks are only in the repository: clone it and run npm run bench there",
        );
      }
      const { runScript } = await import("../run-script.ts");
      process.exitCode = await runScript(script, given);
    });
}
