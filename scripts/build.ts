/**
 * `node scripts/launch.mjs scripts/build.ts [PACKAGE...]`: writes dist of the published packages,
 * for `npm pack`. Development never needs it.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findFiles } from "./check/find-files.ts";
import { toolCommand } from "./check/tool-command.ts";

const ROOT = resolve(import.meta.dirname, "..");
// In order: a package's types are read from the dist of those before it.
const PUBLISHED = ["omnibus", "cli"];

const wanted = process.argv.slice(2);
for (const name of PUBLISHED) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const files = build(`packages/${name}`);
  console.log(`${name}: ${files} files`);
}

function build(folder: string): number {
  const home = join(ROOT, folder);
  rmSync(join(home, "dist"), { recursive: true, force: true });
  const [file, ...args] = toolCommand(ROOT, "tsc");
  const { status } = spawnSync(file, [...args, "-p", "tsconfig.build.json"], {
    cwd: home,
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
  // What the sources read at run time beside themselves: pages, schemas.
  for (const path of findFiles(home, "src", /(?<!\.ts|README\.md)$/)) {
    const target = join(home, "dist", path.slice("src/".length));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(home, path), target);
  }
  cpSync(join(ROOT, "LICENSE"), join(home, "LICENSE"));
  return findFiles(home, "dist", /./).length;
}
