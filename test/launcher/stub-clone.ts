/**
 * A folder with the launcher of this repository and a workspace of almost nothing, so that an
 * installation takes a second. Its "packaged Node" is a script that starts the Node of this test.
 */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cleanEnvironment, usersNode } from "./machine.ts";
import { packArchive } from "./package-archive.ts";
import { Program } from "./program.ts";
import { startRegistry, type TinyRegistry } from "./tiny-registry.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");

/** Says what it is, answers on standard input, counts the signals it gets. */
const TARGET = `
  const say = (text) => process.stdout.write(text + "\\n");
  const seen = [];
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(name, () => {
      seen.push(name);
      say("got " + seen.join(" "));
      if (name === "SIGTERM") process.exit(0);
    });
  }
  process.stdin.setEncoding("utf8").on("data", (text) => {
    for (const line of text.split(/\\r?\\n/)) {
      if (line === "end") { say("signals: " + seen.join(" ")); process.exit(0); }
      if (line.startsWith("exit ")) process.exit(Number(line.slice(5)));
      if (line.startsWith("raise ")) { process.removeAllListeners(line.slice(6)); process.kill(process.pid, line.slice(6)); }
    }
  });
  setTimeout(() => process.exit(99), 60_000); // goes on after the end of its input, but not for ever
  say("ready " + process.version + " " + JSON.stringify({
    pid: process.pid, args: process.argv.slice(2), cwd: process.cwd(), flags: process.execArgv,
    isInstalled: (() => { try { return import.meta.resolve("tiny-dev") !== ""; } catch { return false; } })(),
  }));
`;

/** What the target printed when it was ready. */
export interface Ready {
  readonly pid: number;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly flags: readonly string[];
  readonly isInstalled: boolean;
}

/** Options of {@link StubClone.start}. */
export interface StartOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Started through a shell line with `{}` for the launcher's command. */
  readonly shell?: string;
  readonly uid?: number;
  /** What the launcher runs under; by default the user's Node. */
  readonly node?: string;
}

/** The folder; removed with its registry when disposed. */
export class StubClone implements AsyncDisposable {
  /** Holds a blank. */
  readonly root: string;
  readonly registry: TinyRegistry;
  readonly #home: string;

  private constructor(home: string, registry: TinyRegistry) {
    this.#home = home;
    this.root = join(home, "a clone");
    this.registry = registry;
  }

  static async create(): Promise<StubClone> {
    const home = mkdtempSync(join(tmpdir(), "omnibus-launch-"));
    chmodSync(home, 0o755);
    const system = process.platform === "win32" ? "win" : process.platform;
    const packaged = `node-${system}-${process.arch}`;
    const archives = [
      packArchive(packaged, "24.0.0", {
        "bin/node": `#!/bin/sh\nexec "${process.execPath}" "$@"\n`,
      }),
      packArchive("tiny-dev", "1.0.0", { "index.js": "export const a = 1;" }),
    ];
    const clone = new StubClone(home, await startRegistry(archives));
    clone.#write(archives, packaged);
    return clone;
  }

  /** Starts the launcher with the target. */
  start(options: StartOptions = {}): Program {
    const command = [
      options.node ?? usersNode(),
      join(this.root, "scripts/launch.mjs"),
      "target.mjs",
      ...(options.args ?? []),
    ];
    const { shell } = options;
    const [file, ...args] =
      shell === undefined
        ? command
        : ["/bin/sh", "-c", shell.replace("{}", '"$@"'), "sh", ...command];
    return new Program(file as string, args, {
      cwd: options.cwd ?? this.root,
      env: this.environment(options.env),
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
  }

  /** The environment in which npm knows the tiny registry only, and an empty cache. */
  environment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
    return cleanEnvironment({
      npm_config_registry: this.registry.url,
      npm_config_cache: join(this.#home, "cache"),
      npm_config_userconfig: join(this.#home, "npmrc"),
      npm_config_noproxy: "127.0.0.1",
      ...extra,
    });
  }

  [Symbol.asyncDispose] = async (): Promise<void> => {
    await this.registry[Symbol.asyncDispose]();
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 10 });
  };

  #write(archives: ReturnType<typeof packArchive>[], packaged: string): void {
    mkdirSync(join(this.root, "scripts"), { recursive: true });
    for (const path of ["scripts/launch.mjs", "scripts/launch"]) {
      cpSync(join(REPOSITORY, path), join(this.root, path), { recursive: true });
    }
    writeFileSync(join(this.root, "target.mjs"), TARGET);
    const manifest = {
      name: "stub",
      version: "0.0.0",
      type: "module",
      engines: { node: ">=99" },
      scripts: { start: "node scripts/launch.mjs target.mjs" },
      devDependencies: { "tiny-dev": "1.0.0" },
      optionalDependencies: { [packaged]: "24.0.0" },
    };
    const packages: Record<string, unknown> = { "": manifest };
    for (const { name, version, integrity } of archives) {
      packages[`node_modules/${name}`] =
        name === packaged
          ? { version, integrity, optional: true }
          : { version, integrity, dev: true };
    }
    const lock = { name: "stub", version: "0.0.0", lockfileVersion: 3, requires: true, packages };
    writeFileSync(join(this.root, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(this.root, "package-lock.json"), JSON.stringify(lock, undefined, 2));
  }
}

/** Waits until the target runs. */
export async function targetReady(program: Program): Promise<Ready> {
  const found = await program.sees(/ready v\S+ (\{.*\})/);
  return JSON.parse(found[1] as string) as Ready;
}
