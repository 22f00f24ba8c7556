import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where Node may keep compiled scripts: below the user's own folder for caches. Not below the shared
 * temporary folder, Node's default: what stands there may come from somebody else.
 */
export function compileCacheFolder(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
): string {
  const shared = environment["XDG_CACHE_HOME"];
  if (shared !== undefined && shared.startsWith("/")) return join(shared, "omnibus", "node");
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Caches", "omnibus", "node");
  if (platform === "win32") {
    const local = environment["LOCALAPPDATA"] ?? join(home, "AppData", "Local");
    return join(local, "omnibus", "cache", "node");
  }
  return join(home, ".cache", "omnibus", "node");
}
