/** A bundle for browsers, made as a user's own build would: esbuild, minified, browser conditions. */
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = resolve(import.meta.dirname, "../..");

/** What a bundle consists of. */
export interface Bundle {
  readonly code: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** Minified bytes of each source file, by path from the root, largest first. */
  readonly parts: ReadonlyMap<string, number>;
}

/**
 * Bundles a module text. Rejects if it needs anything that browsers lack. `alias` gives one module for another.
 */
export async function bundle(source: string, alias: Record<string, string> = {}): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir: import.meta.dirname, loader: "ts" },
    absWorkingDir: ROOT,
    bundle: true,
    alias,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    conditions: ["omnibus-source"],
    metafile: true,
    write: false,
    logLevel: "silent",
  });
  const [file] = outputFiles;
  const inputs = Object.values(metafile.outputs)[0]?.inputs ?? {};
  const parts = Object.entries(inputs).map(([path, { bytesInOutput }]): [string, number] => [
    path,
    bytesInOutput,
  ]);
  const code = file?.text ?? "";
  return {
    code,
    bytes: Buffer.byteLength(code),
    gzipBytes: gzipSync(code, { level: 9 }).length,
    parts: new Map(parts.filter(([, bytes]) => bytes > 0).sort(([, a], [, b]) => b - a)),
  };
}

/** The minified bytes of each room of the library, largest first. */
export function bytesOfRooms(parts: Bundle["parts"]): Map<string, number> {
  const rooms = new Map<string, number>();
  for (const [path, bytes] of parts) {
    const room = /packages\/omnibus\/src\/([\w-]+)/.exec(path)?.[1] ?? path;
    rooms.set(room, (rooms.get(room) ?? 0) + bytes);
  }
  return new Map([...rooms].sort(([, a], [, b]) => b - a));
}
