/**
 * `npm run package [-- --out FOLDER] [-- --json]`: builds the published packages and packs each into an
 * archive that `npm install` takes, for projects of your own until they are on npm.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** What `npm pack --json` says of an archive. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

const root = resolve(import.meta.dirname, "..");
const published = ["omnibus", "cli"];
const { values } = parseArgs({
  options: {
    out: { type: "string", default: join(root, "packed") },
    json: { type: "boolean", default: false },
  },
});
const out = resolve(values.out);
mkdirSync(out, { recursive: true });

run(root, process.execPath, ["scripts/build.ts"]);
const archives = published.map((name) => {
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", out];
  const [packed] = JSON.parse(run(join(root, "packages", name), "npm", args)) as Packed[];
  if (packed === undefined) throw new Error(`npm pack said nothing of ${name}`);
  const files = packed.files.map(({ path }) => path);
  return { name, file: join(out, basename(packed.filename)), files };
});

if (values.json) {
  console.log(JSON.stringify(archives));
} else {
  const paths = archives.map(({ file }) => (file.includes(" ") ? `"${file}"` : file));
  console.log(`In your project, with Node 24 or newer:\n\n  npm install ${paths.join(" ")}\n`);
}

function run(cwd: string, file: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  process.stderr.write(`${stdout}${stderr}${error?.message ?? ""}`);
  process.exit(status ?? 1);
}
