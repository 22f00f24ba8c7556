import { Command, Option } from "commander";
import { examples } from "../examples.ts";
import { parseCount } from "../parse-count.ts";
import type { CertFlags } from "../run-cert.ts";

/** `omnibus cert`. */
export function certCommand(): Command {
  return new Command("cert")
    .summary("make a self-signed certificate")
    .description(
      "Make a certificate that signs itself, and its key, for localhost, 127.0.0.1, ::1 and the\n" +
        "hosts given. Clients trust it with --ca. For names in public use a public authority.",
    )
    .addOption(
      new Option("--host <name>", "another name or address that it is for; repeatable").argParser(
        (host: string, before: readonly string[] | undefined) => [...(before ?? []), host],
      ),
    )
    .option("--out <folder>", "where to write cert.pem and key.pem (default: the data folder)")
    .option("--data <folder>", "the data folder")
    .option("--days <number>", "how long it is valid", parseCount(1), 365)
    .option("--force", "replace what is there")
    .addHelpText(
      "after",
      examples([
        ["omnibus cert", "for this machine"],
        ["omnibus cert --host bus.lan --host 10.0.0.5 --out .", "for others, too"],
      ]),
    )
    .action(async (flags: CertFlags) => {
      const { cert } = await import("../run-cert.ts");
      await cert(flags);
    });
}
