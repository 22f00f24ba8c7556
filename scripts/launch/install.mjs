/** Installs what the lockfile lists: `npm ci`, under the lock, with one line of progress. */
import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { createInstallLog } from "./install-log.mjs";
import { codeOf, LaunchError } from "./launch-error.mjs";
import { acquireLock } from "./lock.mjs";
import { OLDEST_MAJOR } from "./runtime.mjs";
import { isInstalled, removeStamp, writeStamp } from "./stamp.mjs";

const ARGUMENTS = [
  "ci",
  "--include=dev",
  "--include=optional",
  "--prefer-offline",
  // No package here needs its scripts.
  "--ignore-scripts",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--no-progress",
  // One line per fetched package: what the progress is counted from.
  "--loglevel=http",
  // Whatever a user's npmrc says: this must stay a plain install into this folder.
  "--engine-strict=false",
  "--package-lock=true",
  "--dry-run=false",
  "--global=false",
  "--install-strategy=hoisted",
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=500",
  "--fetch-retry-maxtimeout=2000",
];
// Settings of an outer npm that would make this `npm ci` another command.
const UNWANTED =
  /^npm_config_(?:workspaces?|include_workspace_root|omit|only|global|location|dry_run|package_lock|package_lock_only|production|prefix|engine_strict)$/i;
// Until the network has answered once, this much silence means that it will not. After that, only
// a large package on a slow line is so quiet.
const DEAD_NETWORK_MS = 15_000;
const SILENCE_MS = 600_000;
const KILL_MS = 1500;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };
const TRY_AGAIN = "then run the same command again";

/**
 * @param {string} root
 * @param {import("./runtime.mjs").Runtime} runtime
 */
export async function install(root, runtime) {
  const log = createInstallLog(process.stderr);
  try {
    const lock = await acquireLock(root, () => log.show("waiting for another installation"));
    try {
      if (isInstalled(root, runtime)) return;
      removeStamp(root);
      await runNpm(root, lock, log);
      if (runtime.isPackaged && !existsSync(runtime.path)) {
        throw new LaunchError(
          `npm installed no Node ${OLDEST_MAJOR} for this machine: install it from https://nodejs.org, ${TRY_AGAIN}`,
        );
      }
      writeStamp(root);
    } finally {
      lock.release();
    }
  } catch (error) {
    throw error instanceof LaunchError ? error : new LaunchError(explain(codeOf(error), root));
  } finally {
    log.end();
  }
}

/**
 * @param {string} root
 * @param {{ addProcess(pid: number): void }} lock
 * @param {import("./install-log.mjs").InstallLog} log
 */
function runNpm(root, lock, log) {
  const [file, ...rest] = findNpm();
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !UNWANTED.test(name)),
  );
  return new Promise((resolve, reject) => {
    log.show("installing packages");
    const npm = spawn(file, [...rest, ...ARGUMENTS], {
      cwd: root,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    /** @type {LaunchError | undefined} */
    let stopped;
    const stop = (/** @type {LaunchError} */ reason) => {
      if (stopped !== undefined) return;
      stopped = reason;
      npm.kill("SIGTERM");
      setTimeout(() => npm.kill("SIGKILL"), KILL_MS).unref();
    };
    const offSignals = onSignals((name) => stop(new LaunchError("", 128 + SIGNALS[name])));
    const offWatch = watchSilence(root, log, () =>
      stop(new LaunchError(explain("ETIMEDOUT", root))),
    );
    const done = (/** @type {Error | undefined} */ error) => {
      offSignals();
      offWatch();
      if (error === undefined) resolve(undefined);
      else reject(error);
    };
    if (npm.pid !== undefined) lock.addProcess(npm.pid);
    npm.stderr.setEncoding("utf8").on("data", log.read);
    npm.on("error", (error) => {
      const isMissing = codeOf(error) === "ENOENT";
      done(isMissing ? new LaunchError(`npm was not found: install it, ${TRY_AGAIN}`) : error);
    });
    npm.on("close", (code) => {
      if (stopped !== undefined || code === 0) done(stopped);
      else done(new LaunchError(explain(log.errorCode(), root, log.errorText())));
    });
  });
}

/** @param {(name: "SIGHUP" | "SIGINT" | "SIGTERM") => void} listener */
function onSignals(listener) {
  const names = /** @type {("SIGHUP" | "SIGINT" | "SIGTERM")[]} */ (Object.keys(SIGNALS));
  for (const name of names) process.on(name, listener);
  return () => {
    for (const name of names) process.off(name, listener);
  };
}

/**
 * @param {string} root
 * @param {import("./install-log.mjs").InstallLog} log
 * @param {() => void} onSilence
 */
function watchSilence(root, log, onSilence) {
  let last = Date.now();
  let seen = "";
  const timer = setInterval(() => {
    const now = `${log.lines()} ${changeOf(join(root, "node_modules"))}`;
    if (now !== seen) {
      seen = now;
      last = Date.now();
    }
    if (Date.now() - last > (log.hasAnswer() ? SILENCE_MS : DEAD_NETWORK_MS)) onSilence();
  }, 500);
  return () => clearInterval(timer);
}

/** @param {string} path */
function changeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

// The npm that started us, else the one of the PATH, else the one beside this Node. Run by its own
// Node: the one that runs us may be part of what is about to be replaced.
/** @returns {[string, ...string[]]} */
function findNpm() {
  const { npm_execpath: script, npm_node_execpath: node, PATH = "" } = process.env;
  if (script !== undefined && /^np[mx]-cli\.[cm]?js$/.test(basename(script))) {
    const cli = join(dirname(script), "npm-cli.js");
    if (existsSync(cli))
      return [node !== undefined && existsSync(node) ? node : process.execPath, cli];
  }
  if (
    process.platform !== "win32" &&
    PATH.split(delimiter).some((folder) => existsSync(join(folder, "npm")))
  ) {
    return ["npm"];
  }
  const bin = dirname(process.execPath);
  const cli = ["node_modules/npm", "../lib/node_modules/npm"]
    .map((folder) => join(bin, folder, "bin/npm-cli.js"))
    .find((path) => existsSync(path));
  return cli === undefined ? ["npm"] : [process.execPath, cli];
}

/**
 * One sentence for an npm or system error code.
 *
 * @param {string} code
 * @param {string} root
 * @param {string} [text] what npm said
 */
function explain(code, root, text = "") {
  if (/CERT|SIGNATURE/.test(code)) {
    return (
      `the packages could not be installed because the npm registry's certificate is not trusted (${code}): ` +
      `CONTRIBUTING.md tells about certificates of your own; ${TRY_AGAIN}`
    );
  }
  switch (code) {
    case "ECONNREFUSED":
    case "ECONNRESET":
    case "ENOTFOUND":
    case "ENETUNREACH":
    case "EHOSTUNREACH":
    case "EAI_AGAIN":
    case "ETIMEDOUT":
    case "ERR_SOCKET_TIMEOUT":
    case "FETCH_ERROR":
    case "ENOTCACHED":
      return (
        `the packages could not be installed because the npm registry did not answer (${code}): ` +
        `check the network (CONTRIBUTING.md tells about proxies and private registries), ${TRY_AGAIN}`
      );
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return `the packages could not be installed because ${root} cannot be written (${code}): make it writable, ${TRY_AGAIN}`;
    case "ENOSPC":
      return `the packages could not be installed because the disk is full (${code}): make room, ${TRY_AGAIN}`;
    default:
      return `npm ci failed (${code}${text === "" ? "" : `: ${text}`}): mend that, ${TRY_AGAIN}`;
  }
}
