/**
 * The launcher behind `npm start`, `npm test` and the `omnibus` binary of a clone. Plain JavaScript
 * for the old Node that may be all a machine has: it installs what is missing, then runs the script
 * it is given with the Node 24 that came with the installation.
 *
 *   node scripts/launch.mjs FILE [ARGUMENT...]         FILE relative to the repository
 *   node scripts/launch.mjs --bin NAME [ARGUMENT...]   a tool that npm installed
 */
import { readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LaunchError } from "./launch/launch-error.mjs";
import { isInstalled } from "./launch/stamp.mjs";
import { findRuntime } from "./launch/runtime.mjs";
import { supervise } from "./launch/supervise.mjs";

const ROOT = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));

/**
 * Installs if needed, runs `args` (a file of the repository and its arguments, or `--bin NAME`),
 * and resolves with the exit code.
 *
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function launch(args) {
  try {
    const runtime = findRuntime(ROOT);
    if (!isInstalled(ROOT, runtime)) {
      // Loaded only when needed: a warm start pays for nothing else.
      const { install } = await import("./launch/install.mjs");
      await install(ROOT, runtime);
    }
    return await supervise(runtime.path, ["--conditions=omnibus-source", ...resolveTarget(args)]);
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    if (error.message !== "") process.stderr.write(`omnibus: ${error.message}\n`);
    return error.exitCode;
  }
}

/** @param {readonly string[]} args */
function resolveTarget(args) {
  const [first = "", second = "", ...rest] = args;
  if (first !== "--bin") return [join(ROOT, first), ...args.slice(1)];
  const folder = join(ROOT, "node_modules", second);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return [join(folder, typeof bin === "string" ? bin : bin[second]), ...rest];
}

if (
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)
) {
  process.exitCode = await launch(process.argv.slice(2));
}
