/** Runs the real program as a child: signals go down, the exit code comes back. */
import { spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { constants } from "node:os";
import { basename } from "node:path";
import { codeOf, LaunchError } from "./launch-error.mjs";

const PARENT_MS = 200;
// Node gives SIGHUP its default action back at start; under nohup the child must not end by it.
const IGNORE_HANGUP = "--import=data:text/javascript,process.on('SIGHUP',()=>{})";

/**
 * Runs `file` with `args` on this process's standard streams, in this process's folder, and resolves
 * with the child's exit code, or 128 + the number of the signal that ended it.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function supervise(file, args) {
  const isHangupIgnored = wasHangupIgnored();
  const env = isHangupIgnored ? { ...process.env, OMNIBUS_SIGHUP: "ignored" } : process.env;
  const child = spawn(file, isHangupIgnored ? [IGNORE_HANGUP, ...args] : args, {
    stdio: "inherit",
    env,
  });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => {
    if (!isHangupIgnored) child.kill("SIGHUP");
  });
  // A terminal sends Ctrl-C to the child too; twice would mean "at once".
  process.on("SIGINT", () => {
    if (!isInForeground()) child.kill("SIGINT");
  });
  // npm hands a SIGTERM to its shell only, which ends without telling us. Outside npm the parent is
  // a shell that `omnibus serve &` is meant to outlive.
  if (process.env["npm_lifecycle_event"] !== undefined) watchParent(() => child.kill("SIGTERM"));
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      reject(new LaunchError(`${file} could not be started (${codeOf(error)})`));
    });
    child.on("exit", (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

/** @param {() => void} onGone called once, when the parent process or its parent has gone */
function watchParent(onGone) {
  const parent = process.ppid;
  const grandparent = parentOf(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && parentOf(parent) === grandparent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_MS);
  timer.unref();
}

/** @param {number} pid */
function parentOf(pid) {
  return readStat(String(pid))?.[1];
}

// Whether this process is in the group that its terminal sends Ctrl-C to.
function isInForeground() {
  const stat = readStat("self");
  if (stat === undefined)
    return process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const [, , group, , terminal, foreground] = stat;
  return terminal !== "0" && group === foreground;
}

// Node itself cannot say: it undoes an ignored SIGHUP before any script runs. What is left of it is
// the name of who started us, where its output went, and whether our parent ignores it too.
function wasHangupIgnored() {
  if (process.platform === "win32") return false;
  if (basename(process.env["_"] ?? "") === "nohup") return true;
  try {
    if (basename(readlinkSync("/proc/self/fd/1")) === "nohup.out") return true;
    const status = readFileSync(`/proc/${process.ppid}/status`, "utf8");
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? "0";
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}

// The fields of /proc/PID/stat from the state on: state, parent, group, session, terminal,
// foreground group, ...
/** @param {string} pid */
function readStat(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
