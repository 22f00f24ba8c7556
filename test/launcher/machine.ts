/** What the launcher's tests want to know of the machine, and a clean environment for children. */
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, dirname, join, sep } from "node:path";

/** The first executable of that name on the PATH, outside of any node_modules. */
export function findOnPath(name: string): string | undefined {
  return cleanPath()
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/** An installed Node older than 24, or undefined: what a newcomer's machine may have. */
export function findOldNode(): string | undefined {
  const node = findOnPath("node");
  if (node === undefined) return undefined;
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
  return Number.parseInt(stdout.slice(1), 10) < 24 ? node : undefined;
}

/** The Node that a user of this machine would start the launcher with. */
export function usersNode(): string {
  return findOldNode() ?? process.execPath;
}

/** This process's environment without what a test runner or the npm that started it put there. */
export function usersEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return environmentWithout(
    /^(?:npm_(?!config_)|npm_config_(?:local_prefix|global_prefix|prefix)$)/i,
    extra,
  );
}

/** The same without any npm setting or proxy either: what a test adds is all there is. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return environmentWithout(/^(?:npm_|https?_proxy$|all_proxy$)/i, extra);
}

function environmentWithout(
  unwanted: RegExp,
  extra: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) =>
      !unwanted.test(name) && !/^(?:node_(?!extra_ca_certs$|use_)|init_cwd$|_$)/i.test(name),
  );
  const path = [dirname(usersNode()), ...cleanPath()].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path, ...extra };
}

function cleanPath(): string[] {
  return (process.env["PATH"] ?? "")
    .split(delimiter)
    .filter(
      (folder) =>
        folder !== "" && !folder.includes(`node_modules${sep}.bin`) && !/node-gyp-bin/.test(folder),
    )
    .filter((folder) => !folder.includes(`node_modules${sep}node-`));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
