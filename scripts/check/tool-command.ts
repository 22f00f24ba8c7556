/** How the checks start a tool that npm installed. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const PACKAGES = { oxlint: "oxlint", oxfmt: "oxfmt", tsc: "typescript" } as const;

/**
 * The command of a tool below `root`, for `spawn`: this Node and the tool's own script, so that no
 * shell and no `node` of the PATH is involved.
 */
export function toolCommand(root: string, name: keyof typeof PACKAGES): [string, ...string[]] {
  const folder = join(root, "node_modules", PACKAGES[name]);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    bin: string | Record<string, string>;
  };
  const script = typeof manifest.bin === "string" ? manifest.bin : manifest.bin[name];
  if (script === undefined) throw new TypeError(`${PACKAGES[name]} has no binary ${name}`);
  return [process.execPath, join(folder, script)];
}
