import { connect } from "node:net";
import { dataFolderPath, localServerPorts, readLocalToken } from "omnibus/server";

/** This user's servers on this machine, as their data folder shows them. */
export class LocalServers {
  /** Where it looks. */
  readonly folder: string;

  /** `flag`: from `--data`. */
  constructor(flag: string | undefined) {
    const { env: environment, platform } = process;
    this.folder = dataFolderPath({ flag, environment, platform });
  }

  /** Ports at which something listens: a server that was killed leaves its token, which is its own to renew. */
  async ports(): Promise<readonly number[]> {
    const known = localServerPorts(this.folder);
    const areTaken = await Promise.all(known.map((port) => isTaken(port)));
    return known.filter((_, n) => areTaken[n] === true);
  }

  /** The token of the server at a port of this machine. */
  token(port: number): string | undefined {
    return readLocalToken(this.folder, port);
  }
}

/** Whether anything listens at a port of this machine; only a refusal says that nothing does. */
async function isTaken(port: number): Promise<boolean> {
  const answers = await Promise.all(["127.0.0.1", "::1"].map((host) => isHeard(host, port)));
  return answers.includes(true);
}

function isHeard(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // A machine without IPv6 has no address ::1.
    socket.once("error", (error: NodeJS.ErrnoException) => {
      resolve(!["ECONNREFUSED", "EADDRNOTAVAIL", "EAFNOSUPPORT"].includes(error.code ?? ""));
    });
  });
}
