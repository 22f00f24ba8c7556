import { CommandError } from "../failure.ts";

/** The port of a server that was started without saying one. */
export const defaultPort = 8080;

const schemes: Readonly<Record<string, string>> = {
  tcp: "tcp",
  tls: "tls",
  ws: "ws",
  wss: "wss",
  // What a browser shows; people copy it from there.
  http: "ws",
  https: "wss",
};

/** What decides which server a command talks to. */
export interface AddressSources {
  /** From `--url`. */
  readonly flag?: string | undefined;
  /** From `OMNIBUS_URL`. */
  readonly variable?: string | undefined;
  /** Ports of this user's running servers, as far as the data folder knows. */
  readonly localPorts: () => readonly number[];
}

/**
 * The address of the server: the flag, else the variable, else a server of this user on this machine:
 * the one at the default port, or the only one.
 */
export function serverAddress({ flag, variable, localPorts }: AddressSources): URL {
  if (flag !== undefined) return parseAddress(flag, "--url");
  if (variable !== undefined && variable !== "") return parseAddress(variable, "OMNIBUS_URL");
  const ports = localPorts();
  if (ports.length > 1 && !ports.includes(defaultPort)) {
    const all = ports.map((port) => `tcp://127.0.0.1:${port}`).join(", ");
    throw new CommandError(`several servers run here: ${all}; name one with --url`, {
      exitCode: 2,
    });
  }
  const [only = defaultPort] = ports;
  return new URL(`tcp://127.0.0.1:${ports.length === 1 ? only : defaultPort}`);
}

/** Whether the server is on this machine. */
export function isLocal(address: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(address.hostname);
}

/** The port of an address, also where it is left out. */
export function portOf(address: URL): number {
  if (address.port !== "") return Number(address.port);
  if (address.protocol === "ws:") return 80;
  return address.protocol === "wss:" ? 443 : defaultPort;
}

function parseAddress(given: string, source: string): URL {
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(given.trim()) ?? [];
  const known = schemes[scheme.toLowerCase()];
  const text = `${known ?? "tcp"}://${rest}`;
  if (known === undefined || !URL.canParse(text) || new URL(text).hostname === "") {
    throw new CommandError(
      `${source} must be an address such as tcp://127.0.0.1:8080, ws://host:8080 or wss://host, not ${given}`,
      { exitCode: 2 },
    );
  }
  return new URL(text);
}
