/** Makes npm package archives: a tar of a few small files, gzipped. */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** A package as a registry serves it. */
export interface PackageArchive {
  readonly name: string;
  readonly version: string;
  readonly bytes: Buffer;
  readonly integrity: string;
}

/** Packs `files` (path to text, all executable) with a package.json. */
export function packArchive(
  name: string,
  version: string,
  files: Readonly<Record<string, string>> = {},
): PackageArchive {
  const manifest = JSON.stringify({ name, version });
  const entries = Object.entries({ "package.json": manifest, ...files });
  const tar = [
    ...entries.map(([path, text]) => tarEntry(`package/${path}`, text)),
    Buffer.alloc(1024),
  ];
  const bytes = gzipSync(Buffer.concat(tar));
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  return { name, version, bytes, integrity };
}

// POSIX.1-1988 ustar: a block of 512 bytes with octal numbers, then the text in whole blocks.
function tarEntry(path: string, text: string): Buffer {
  const body = Buffer.from(text);
  const entry = Buffer.alloc(512 + Math.ceil(body.length / 512) * 512);
  const octal = (value: number, digits: number): string =>
    `${value.toString(8).padStart(digits, "0")}\0`;
  entry.write(path, 0);
  entry.write(octal(0o755, 7), 100);
  entry.write(octal(0, 7), 108);
  entry.write(octal(0, 7), 116);
  entry.write(octal(body.length, 11), 124);
  entry.write(octal(0, 11), 136);
  entry.write("        0", 148);
  entry.write("ustar\0" + "00", 257);
  const sum = entry.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  entry.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  body.copy(entry, 512);
  return entry;
}
