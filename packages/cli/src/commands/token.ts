import { Command, Option } from "commander";
import { examples } from "../examples.ts";
import { parseDuration } from "../parse-duration.ts";

interface TokenFlags {
  readonly sub: string;
  readonly role?: readonly string[];
  readonly expires: number;
  readonly data?: string;
  readonly config?: string;
}

/** `omnibus token`. */
export function tokenCommand(): Command {
  return new Command("token")
    .summary("sign a token")
    .description(
      "Sign a token (JWT, HS256) with the server's secret: the configured one, else the one in the\n" +
        "data folder. Whoever shows it is let in under this name until it expires.",
    )
    .requiredOption("--sub <name>", "whom it stands for")
    .addOption(
      new Option("--role <role>", "a role; repeatable").argParser(
        (role: string, before: readonly string[] | undefined) => [...(before ?? []), role],
      ),
    )
    .addOption(
      new Option("--expires <duration>", "such as 90s, 30m, 24h, 7d")
        .argParser(parseDuration)
        .default(86_400_000, "24h"),
    )
    .option("-c, --config <file>", "the server's configuration file")
    .option("--data <folder>", "the server's data folder")
    .addHelpText(
      "after",
      examples([
        ["omnibus token --sub ada", "valid for a day"],
        ["omnibus token --sub sensor-1 --role sensors --expires 52w", "for a device"],
        [`OMNIBUS_TOKEN=$(omnibus token --sub ada) omnibus sub 'chat/**'`, "at once"],
      ]),
    )
    .action(async ({ sub, role = [], expires, data, config }: TokenFlags) => {
      const server = await import("omnibus/server");
      const { systemClock: clock, systemRandom: random } = server;
      const environment = process.env;
      const folder = process.cwd();
      const { settings } = server.loadSettings({
        flags: {},
        environment,
        folder,
        configFile: config,
      });
      const { platform } = process;
      const path = server.dataFolderPath({ flag: data, environment, platform });
      const secret = server.jwtSecretOf(settings, new server.DataFolder(path), random);
      const tokens = new server.JwtTokens({ secret, clock, lifetimeMs: expires });
      for (const warning of server.tokenWarnings(settings, sub, role)) {
        process.stderr.write(`omnibus: warning: ${warning}\n`);
      }
      process.stdout.write(`${await tokens.issue(sub, role)}\n`);
    });
}
