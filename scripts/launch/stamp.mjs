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
    return readFileSync(join(root, STAMP), "utf8") === expectedStamp(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
export function writeStamp(root) {
  writeFileSync(join(root, STAMP), expectedStamp(root));
}

/** @param {string} root */
export function removeStamp(root) {
  rmSync(join(root, STAMP), { force: true });
}

/** @param {string} root */
function expectedStamp(root) {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return `${hash.digest("hex")} ${process.platform} ${process.arch}\n`;
}
