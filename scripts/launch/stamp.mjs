/** The mark of a complete installation: what it was made from, by content and never by file times. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const STAMP = "node_modules/.omnibus-stamp";

/**
 * Whether node_modules is what the lockfile asks for on this platform.
 *
 * @param {string} root
 * @param {import("./runtime.mjs").Runtime} runtime
 */
export function isInstalled(root, runtime) {
  if (runtime.isPackaged && !existsSync(runtime.path)) return false;
  try {
    const [made, ...nested] = readFileSync(join(root, STAMP), "utf8").trimEnd().split("\n");
    return made === expectedStamp(root) && nested.every((folder) => existsSync(join(root, folder)));
  } catch {
    return false;
  }
}

/** @param {string} root */
export function writeStamp(root) {
  const lines = [expectedStamp(root), ...nestedFolders(root)];
  writeFileSync(join(root, STAMP), `${lines.join("\n")}\n`);
}

/** @param {string} root */
export function removeStamp(root) {
  rmSync(join(root, STAMP), { force: true });
}

/** @param {string} root */
function expectedStamp(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return `${hash.digest("hex")} ${process.platform} ${process.arch}`;
}

// What npm put beside node_modules, into workspaces: a node_modules that was copied or cleaned alone
// looks complete and is not.
/** @param {string} root */
function nestedFolders(root) {
  const lock = readFileSync(join(root, "package-lock.json"), "utf8");
  const named = [...lock.matchAll(/"([^"]+\/node_modules)\//g)].map(([, folder = ""]) => folder);
  const outside = new Set(named.filter((folder) => !folder.startsWith("node_modules/")));
  return [...outside].filter((folder) => existsSync(join(root, folder)));
}
