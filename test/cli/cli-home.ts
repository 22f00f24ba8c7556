/** The command line as a user has it: real processes with folders of their own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cleanEnvironment } from "../launcher/machine.ts";
import { type Ending, Program } from "../launcher/program.ts";

const ROOT = resolve(import.meta.dirname, "..", "..");
const MAIN = join(ROOT, "packages", "cli", "src", "main.ts");

/** How long a program of a test may run. */
const PATIENCE_MS = 60_000;

/** A server of `omnibus serve` that listens. */
export interface Serving extends AsyncDisposable {
  readonly program: Program;
  readonly port: number;
  /** For `--url`. */
  readonly url: string;
}

export interface RunOptions {
  /** Beside the environment of the home. */
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input; by default it is empty. */
  readonly input?: string;
}

/** A temporary home: data folder, current folder, and the processes that run with them. */
export class CliHome implements AsyncDisposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "omnibus-cli-"));
  readonly env: NodeJS.ProcessEnv = cleanEnvironment({
    OMNIBUS_DATA: join(this.path, "data"),
    // Shared by all homes, so that only the first start pays for compiling.
    XDG_CACHE_HOME: join(tmpdir(), "omnibus-cli-cache"),
    NO_COLOR: "1",
  });
  readonly #programs: Program[] = [];
  readonly #patienceMs: number;

  /** Programs that run longer than `patienceMs` (default: a minute) are killed. */
  constructor({ patienceMs = PATIENCE_MS }: { readonly patienceMs?: number } = {}) {
    this.#patienceMs = patienceMs;
  }

  /** Starts `omnibus` with these arguments; its standard input stays open. */
  start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Program {
    return this.#run(process.execPath, [...nodeArguments, ...args], env);
  }

  /** Starts a shell command in which `omnibus` is a function. */
  shell(command: string, env: Readonly<Record<string, string>> = {}): Program {
    return this.#run("bash", ["-c", `${shellFunction}\n${command}`], env);
  }

  /** The same at a terminal of its own: what is written to it is typed. */
  terminal(command: string, env: Readonly<Record<string, string>> = {}): Program {
    const inner = `bash -c ${quoted(`${shellFunction}\n${command}`)}`;
    return this.#run("script", ["-qec", inner, "/dev/null"], { TERM: "xterm", ...env });
  }

  /** Runs `omnibus` to its end. */
  async run(args: readonly string[], { env, input }: RunOptions = {}): Promise<Ending> {
    const program = this.start(args, env);
    program.child.stdin?.end(input ?? "");
    return await program.ended;
  }

  /** A server on a free port, unless the arguments say otherwise. */
  async serve(args: readonly string[] = [], env: Record<string, string> = {}): Promise<Serving> {
    return await this.serving(this.start(["serve", "--port", "0", ...args], env));
  }

  /** Waits until the server that `program` starts listens. */
  async serving(program: Program): Promise<Serving> {
    const [, tls, host, port] = await program.sees(
      /WebSocket server listening on ws(s?):\/\/(\S+):(\d+)/,
    );
    const url = `${tls === "s" ? "tls" : "tcp"}://${host}:${port}`;
    const dispose = (): Promise<void> => program[Symbol.asyncDispose]();
    return { program, port: Number(port), url, [Symbol.asyncDispose]: dispose };
  }

  #run(file: string, args: readonly string[], env: Readonly<Record<string, string>>): Program {
    const program = new Program(file, args, { cwd: this.path, env: { ...this.env, ...env } });
    this.#programs.push(program);
    // A test that waits for an end that does not come fails by it.
    const timer = setTimeout(() => program.kill("SIGKILL"), this.#patienceMs);
    void program.ended.finally(() => clearTimeout(timer));
    return program;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#programs.map((program) => program[Symbol.asyncDispose]()));
    rmSync(this.path, { recursive: true, force: true });
  }
}

const nodeArguments: readonly string[] = ["--conditions=omnibus-source", MAIN];
const shellFunction = `omnibus() { ${[process.execPath, ...nodeArguments].map(quoted).join(" ")} "$@"; }`;

/** For a POSIX shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
