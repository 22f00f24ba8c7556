#!/usr/bin/env node
/**
 * The `omnibus` command. In a clone of the repository it goes through the launcher, so that it works
 * before the first installation and under an older Node; installed from npm it is the CLI package.
 */
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const HERE = dirname(realpathSync(fileURLToPath(import.meta.url)));

const launcher = findLauncher();
if (launcher !== undefined) {
  // Inside a workspace package npx moves to the package's folder first.
  const { npm_lifecycle_event: event, INIT_CWD: folder } = process.env;
  if (event === "npx" && folder !== undefined && existsSync(folder)) process.chdir(folder);
  const { launch } = await import(pathToFileURL(launcher).href);
  process.exitCode = await launch(["packages/cli/src/main.ts", ...process.argv.slice(2)]);
} else if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `omnibus: needs Node 24 or newer, and this is Node ${process.versions.node}\n`,
  );
  process.exitCode = 1;
} else {
  await import("@omnibus/cli");
}

function findLauncher() {
  if (!existsSync(join(HERE, "../src"))) return undefined;
  for (let folder = HERE; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "scripts/launch.mjs");
    if (existsSync(path)) return path;
  }
  return undefined;
}
