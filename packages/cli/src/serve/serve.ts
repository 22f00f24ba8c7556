import {
  createLogger,
  dataFolderPath,
  loadSettings,
  printSettings,
  type RunningServer,
  startServer,
  systemClock,
} from "omnibus/server";
import { Ending } from "./ending.ts";
import { firstLines } from "./first-lines.ts";
import { explainTakenPort } from "./taken-port.ts";

/** Flags of `omnibus serve`, as commander names them. */
export interface ServeFlags {
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly config?: string;
  readonly allowOrigin?: readonly string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly maxConnections?: number;
  readonly logLevel?: string;
  readonly printConfig?: boolean;
}

/** npm passes a Ctrl-C on to us that the terminal has sent us, too. */
const npmWindowMs = 500;
/** What a shell says of a program that an interrupt ended. */
const interruptedCode = 130;

/** Runs a server until a signal ends it; with `printConfig` it prints the settings instead. */
export async function serve(flags: ServeFlags): Promise<void> {
  const environment = process.env;
  const loaded = loadSettings({
    flags: {
      "server.host": flags.host,
      "server.port": flags.port,
      "server.allow_origins": flags.allowOrigin,
      "server.tls_cert": flags.tlsCert,
      "server.tls_key": flags.tlsKey,
      "server.log_level": flags.logLevel,
      "broker.max_connections": flags.maxConnections,
    },
    environment,
    folder: process.cwd(),
    configFile: flags.config,
  });
  if (flags.printConfig === true) {
    process.stdout.write(printSettings(loaded));
    return;
  }
  const { settings } = loaded;
  // From here on, and not only once it listens: a Ctrl-C during the start is one, too.
  const ending = new ServerEnding(environment);
  const log = createLogger({
    level: settings["server.log_level"],
    isPretty: process.stderr.isTTY,
  });
  const dataFolder = dataFolderPath({ flag: flags.data, environment, platform: process.platform });
  const { platform } = process;
  const usualFolder = dataFolderPath({
    environment: { ...environment, OMNIBUS_DATA: "" },
    platform,
  });
  const isFolderUnusual = dataFolder !== usualFolder;
  const server = await startServer({ settings, dataFolder, log }).catch(async (error: unknown) => {
    throw await explainTakenPort(error, settings, { dataFolder, isFolderUnusual });
  });
  process.stdout.write(
    firstLines({
      url: server.url,
      dataFolder,
      isFolderUnusual,
      certificate: settings["server.tls_cert"],
    }),
  );
  if (server.hasDefaultCredentials) {
    log.warn(
      "no users are configured: on this machine admin may log in with the password password",
    );
  }
  ending.started(server, (what) => log.info(what));
}

/** Ends the server when a signal says so, and the process with it. */
class ServerEnding {
  readonly #ending: Ending;
  #isWanted = false;
  #close: (() => void) | undefined;

  constructor(environment: NodeJS.ProcessEnv) {
    const isUnderNpm = environment["npm_lifecycle_event"] !== undefined;
    const nowMs = (): number => systemClock.nowMs();
    this.#ending = new Ending({ nowMs, ...(isUnderNpm && { windowMs: npmWindowMs }) });
    const signals = ["SIGINT", "SIGTERM"] as const;
    for (const signal of signals) process.on(signal, () => this.#came(signal));
    // The launcher knows whether we run under nohup; Node itself cannot tell.
    const isIgnored = environment["OMNIBUS_SIGHUP"] === "ignored";
    process.on("SIGHUP", () => {
      if (!isIgnored) this.#came("SIGHUP");
    });
  }

  started(server: RunningServer, tell: (what: string) => void): void {
    this.#close = (): void => {
      tell("ending: no new connections, sending what waits");
      void server.close().then(
        () => {
          tell("ended");
          process.exit(0);
        },
        (error: unknown) => {
          process.stderr.write(`omnibus: ending failed: ${String(error)}\n`);
          process.exit(1);
        },
      );
    };
    if (this.#isWanted) this.#close();
  }

  #came(signal: "SIGINT" | "SIGTERM" | "SIGHUP"): void {
    const verdict = this.#ending.judge(signal);
    if (verdict === "end-now") process.exit(interruptedCode);
    if (verdict === "ignore") return;
    this.#isWanted = true;
    this.#close?.();
  }
}
