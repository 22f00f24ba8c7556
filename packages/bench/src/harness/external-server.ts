import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { sleepMs } from "./monotonic.ts";

/** Where Debian puts servers that a user's PATH may not name. */
const SERVER_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin"];
const START_LIMIT_MS = 10_000;
const POLL_MS = 10;

const running = new Set<ChildProcess>();
// The servers are not to outlive a benchmark that is interrupted.
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A foreign server that runs; disposing kills it and waits for its end. */
export interface ExternalServer extends AsyncDisposable {
  readonly pid: number;
  readonly port: number;
}

/** The file of a program, looked up in PATH and the folders for servers; undefined if not there. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** A port of the loopback interface that was free a moment ago. */
export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port of our own");
  return address.port;
}

/**
 * Starts a program on a free port and waits until that port accepts. `argumentsFor` turns the port
 * into the command line. Its output is shown only when it does not start.
 */
export async function startServer(
  name: string,
  argumentsFor: (port: number) => readonly string[],
): Promise<ExternalServer> {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is not installed`);
  const port = await findFreePort();
  const child = spawn(program, argumentsFor(port), { stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let output = "";
  const keep = (chunk: Buffer): void => {
    if (output.length < 4096) output += chunk.toString();
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  let ended: string | undefined;
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      ended = error.message;
      resolve();
    });
    child.once("exit", (code, signal) => {
      ended = `ended (${signal ?? code})`;
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
    running.delete(child);
  };
  const end = performance.now() + START_LIMIT_MS;
  while (!(await isAccepting(port))) {
    if (ended !== undefined || performance.now() > end) {
      await stop();
      throw new Error(`${name} does not listen on ${port}: ${ended ?? "timeout"}\n${output}`);
    }
    await sleepMs(POLL_MS);
  }
  return { pid: child.pid ?? 0, port, [Symbol.asyncDispose]: stop };
}

function isAccepting(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
