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

  /** Ports of servers that run, or did not end in order. */
  get ports(): readonly number[] {
    return localServerPorts(this.folder);
  }

  /** The token of the server at a port of this machine. */
  token(port: number): string | undefined {
    return readLocalToken(this.folder, port);
  }
}
