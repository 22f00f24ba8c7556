/** `npm run package`: archives of the published packages, for projects of your own until they are on npm. */
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
const help = `npm run package [-- options]

Builds the published packages and packs each into an archive that npm install takes.

  --out FOLDER   where to (default: packed)
  --json         what was packed, as JSON
  --help         this text
`;
const values = readArguments();
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
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

function readArguments(): { out: string; json: boolean; help: boolean } {
  try {
    return parseArgs({
      options: {
        out: { type: "string", default: join(root, "packed") },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`package: ${(error as Error).message}\n\n${help}`);
    process.exit(2);
  }
}

function run(cwd: string, file: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, encoding: "utf8" });
  if (status === 0) return stdout;
  process.stderr.write(`${stdout}${stderr}${error?.message ?? ""}`);
  process.exit(status ?? 1);
}
