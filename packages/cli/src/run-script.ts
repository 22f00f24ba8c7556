import { spawn } from "node:child_process";
import { constants } from "node:os";

/**
 * Runs a TypeScript file of a clone with this Node on this process's standard streams. Resolves with
 * its exit code, or 128 + the number of the signal that ended it.
 */
export function runScript(file: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ["--conditions=omnibus-source", file, ...args], {
    stdio: "inherit",
  });
  // A terminal sends Ctrl-C to both; the child decides what it means.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
