/** Finds the files that the checks and the test runner look at. */
import { readdirSync, type Dirent } from "node:fs";
import { join } from "node:path";

const SKIPPED = new Set(["node_modules", "dist", ".git", ".launch"]);

/**
 * Lists files below `folder`, as paths relative to `root` with `/`, in sorted order. Folders named
 * node_modules, dist and .git are not entered; a missing folder has no files.
 */
export function findFiles(root: string, folder: string, pattern: RegExp): string[] {
  const found: string[] = [];
  visit(root, folder, pattern, found);
  return found.sort();
}

/** The folders of all workspace packages, as `packages/NAME`. */
export function listPackages(root: string): string[] {
  return readFolder(join(root, "packages"))
    .filter((entry) => entry.isDirectory())
    .map((entry) => `packages/${entry.name}`)
    .sort();
}

function visit(root: string, folder: string, pattern: RegExp, found: string[]): void {
  for (const entry of readFolder(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) visit(root, path, pattern, found);
    } else if (entry.isFile() && pattern.test(entry.name)) {
      found.push(path);
    }
  }
}

function readFolder(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
