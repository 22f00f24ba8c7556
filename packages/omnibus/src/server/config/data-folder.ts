import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { OmnibusError, type Random, toHex } from "../../base/index.ts";

/** What decides where the data folder is. */
export interface DataFolderSources {
  /** From `--data`. */
  readonly flag?: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** Where a user's servers keep what must outlive them. Nothing is created by this call. */
export function dataFolderPath({ flag, environment, platform }: DataFolderSources): string {
  const given = flag ?? environment["OMNIBUS_DATA"];
  if (given !== undefined && given !== "") return resolve(given);
  const shared = environment["XDG_DATA_HOME"];
  if (shared !== undefined && shared.startsWith("/")) return join(shared, "omnibus");
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Application Support", "omnibus");
  if (platform === "win32") {
    return join(environment["LOCALAPPDATA"] ?? join(home, "AppData", "Local"), "omnibus");
  }
  return join(home, ".local", "share", "omnibus");
}

/**
 * Makes a folder and those above it, for their owner only, unless they are there. Throws as `mkdirSync`,
 * whose own `recursive` never returns where /proc refuses.
 */
export function makeFolder(path: string): void {
  if (isFolder(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it since.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** The folder of a server's keys and tokens. Only its owner can look into it. */
export class DataFolder {
  readonly path: string;

  /** Makes the folder if it is not there. Throws `bad-config` if that is impossible. */
  constructor(path: string) {
    this.path = path;
    try {
      makeFolder(path);
    } catch (cause) {
      const hint = "choose another with --data or OMNIBUS_DATA";
      throw new OmnibusError("bad-config", `the data folder ${path} cannot be made; ${hint}`, {
        cause,
      });
    }
  }

  /** The secret in file `name`; made of 32 random bytes if it is not there yet, whoever is first. */
  secret(name: string, random: Random): string {
    const path = join(this.path, name);
    const existing = this.#read(path);
    if (existing !== undefined) return existing;
    const fresh = `${path}.${toHex(random.bytes(8))}`;
    try {
      writeFileSync(fresh, `${newSecret(random)}\n`, { mode: 0o600, flag: "wx" });
      // A link appears whole or not at all, and never replaces what another server was first to make.
      linkSync(fresh, path);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw this.#failure(path, cause);
    } finally {
      rmSync(fresh, { force: true });
    }
    const secret = this.#read(path);
    if (secret === undefined) throw this.#failure(path, undefined);
    return secret;
  }

  /** Puts a new secret into file `name`, whatever was there, and returns it. */
  renewSecret(name: string, random: Random): string {
    const path = join(this.path, name);
    const fresh = `${path}.${toHex(random.bytes(8))}`;
    const secret = newSecret(random);
    try {
      writeFileSync(fresh, `${secret}\n`, { mode: 0o600, flag: "wx" });
      renameSync(fresh, path);
    } catch (cause) {
      rmSync(fresh, { force: true });
      throw this.#failure(path, cause);
    }
    return secret;
  }

  /** Removes file `name` if it is there. */
  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  #read(path: string): string | undefined {
    try {
      const secret = readFileSync(path, "utf8").trim();
      chmodSync(path, 0o600);
      return secret;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw this.#failure(path, cause);
    }
  }

  #failure(path: string, cause: unknown): OmnibusError {
    return new OmnibusError("bad-config", `${path} cannot be read or written`, { cause });
  }
}

function newSecret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString("base64url");
}
