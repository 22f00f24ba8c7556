import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import { PinoPretty } from "pino-pretty";

/** How much is told. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Fields that never appear in a log, at any depth that we log. */
const secretFields = ["token", "password", "secret", "jwt", "authorization", "cookie", "key"];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Whether people read it at a terminal; else one JSON object per line. */
  readonly isPretty: boolean;
  /** Default: standard error, because standard output is for what programs read. */
  readonly destination?: DestinationStream;
}

/** The server's log. Secrets that are logged by mistake are left out. */
export function createLogger({ level, isPretty, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: secretFields.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[hidden]",
    },
  };
  if (!isPretty) return pino(options, destination ?? pino.destination({ fd: 2, sync: true }));
  const stream = PinoPretty({
    destination: destination ?? 2,
    sync: true,
    translateTime: "SYS:HH:MM:ss",
    ignore: "pid,hostname",
  });
  return pino(options, stream);
}
