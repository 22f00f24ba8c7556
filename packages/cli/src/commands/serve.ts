import { Command, Option } from "commander";
import { examples } from "../examples.ts";
import { parseCount } from "../parse-count.ts";
import type { ServeFlags } from "../serve/serve.ts";

const logLevels = ["debug", "info", "warn", "error", "silent"];

/** `omnibus serve`. Which values are right is decided with the rest of the configuration. */
export function serveCommand(): Command {
  return new Command("serve")
    .summary("start a server")
    .description(
      "Start a server: WebSocket, the native protocol, HTTP and a console page, all on one port.",
    )
    .option("--host <address>", "the address to listen at (default: 127.0.0.1)")
    .option(
      "-p, --port <number>",
      "the port to listen at; 0 takes a free one (default: 8080)",
      parseCount(0, 65_535),
    )
    .option("-c, --config <file>", "a configuration file in TOML")
    .option("--data <folder>", "where keys and secrets are kept")
    .addOption(
      new Option(
        "--allow-origin <origin>",
        "let web pages of this origin connect; repeatable",
      ).argParser(gather),
    )
    .option("--tls-cert <file>", "serve with TLS: the certificate, in PEM")
    .option("--tls-key <file>", "serve with TLS: its private key, in PEM")
    .option("--max-connections <number>", "how many connections are accepted", parseCount(1))
    .addOption(new Option("--log-level <level>", "how much is logged").choices(logLevels))
    .option("--print-config", "print each setting and where it came from, then end")
    .addHelpText(
      "after",
      examples([
        ["omnibus serve", "listen at 127.0.0.1:8080"],
        ["omnibus serve --port 9000 --data ./data", "elsewhere"],
        ["omnibus serve --config bus.toml --print-config", "see what would be used"],
        ["omnibus serve --tls-cert cert.pem --tls-key key.pem", "with TLS"],
      ]),
    )
    .action(async (flags: ServeFlags) => {
      const { serve } = await import("../serve/serve.ts");
      await serve(flags);
    });
}

function gather(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}
