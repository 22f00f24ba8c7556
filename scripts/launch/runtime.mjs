/** Which Node runs the project: the current one if it is new enough, else the one npm installs. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { LaunchError } from "./launch-error.mjs";

/** The first major version that runs TypeScript as this project needs it. */
export const OLDEST_MAJOR = 24;

/**
 * @typedef {object} Runtime
 * @property {string} path the Node executable
 * @property {boolean} isPackaged it comes with the installation, and may not be there yet
 */

/**
 * @param {string} root
 * @returns {Runtime}
 */
export function findRuntime(root) {
  const { platform, arch, execPath, versions } = process;
  const name = `node-${platform === "win32" ? "win" : platform}-${arch}`;
  const file = platform === "win32" ? "bin/node.exe" : "bin/node";
  const packaged = join(root, "node_modules", name, file);
  if (isNewEnough(versions.node)) return { path: execPath, isPackaged: false };
  if (existsSync(packaged) && !isMusl()) return { path: packaged, isPackaged: true };
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (manifest.optionalDependencies?.[name] !== undefined && !isMusl()) {
    return { path: packaged, isPackaged: true };
  }
  throw new LaunchError(
    `npm has no Node ${OLDEST_MAJOR} for ${platform} ${arch}${isMusl() ? " with musl" : ""}, and this is ` +
      `Node ${versions.node}: install Node ${OLDEST_MAJOR} or newer from https://nodejs.org and run the same command again`,
  );
}

/** @param {string} version */
export function isNewEnough(version) {
  return Number.parseInt(version, 10) >= OLDEST_MAJOR;
}

// The packaged Linux builds need glibc. Asking process.report costs more than a whole warm start.
function isMusl() {
  if (process.platform !== "linux") return false;
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const glibc =
    machine === "aarch64" ? "/lib/ld-linux-aarch64.so.1" : "/lib64/ld-linux-x86-64.so.2";
  return existsSync(`/lib/ld-musl-${machine}.so.1`) && !existsSync(glibc);
}
