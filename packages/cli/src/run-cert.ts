import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isIP } from "node:net";
import { join, relative, resolve } from "node:path";
import { dataFolderPath, makeFolder, systemClock } from "omnibus/server";
import { generate, type SubjectAltNameEntry } from "selfsigned";
import { CommandError } from "./failure.ts";

/** Flags of `omnibus cert`. */
export interface CertFlags {
  readonly host?: readonly string[];
  readonly out?: string;
  readonly data?: string;
  readonly days: number;
  readonly force?: boolean;
}

const dayMs = 86_400_000;
/** Clocks of two machines may differ. */
const earlierMs = 300_000;
const ownHosts = ["localhost", "127.0.0.1", "::1"];

/** Writes a certificate and its key, and says how to use them. */
export async function cert(flags: CertFlags): Promise<void> {
  const hosts = [...new Set([...ownHosts, ...(flags.host ?? [])])];
  for (const host of hosts) checkHost(host);
  const { env: environment, platform } = process;
  const folder = resolve(flags.out ?? dataFolderPath({ flag: flags.data, environment, platform }));
  const files = { cert: join(folder, "cert.pem"), key: join(folder, "key.pem") };
  if (flags.force !== true) for (const path of Object.values(files)) checkAbsent(path);
  const made = await makeCertificate(hosts, flags.days);
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new CommandError(`the folder ${folder} cannot be made; choose another with --out`, {
      cause,
    });
  }
  replace(files.key, made.private, 0o600);
  replace(files.cert, made.cert, 0o644);
  const shown = { cert: forShell(files.cert), key: forShell(files.key) };
  process.stdout.write(
    `Certificate: ${files.cert}\nKey: ${files.key}\nFor: ${hosts.join(", ")}, ${flags.days} days\n` +
      `Serve with it: omnibus serve --tls-cert ${shown.cert} --tls-key ${shown.key}\n` +
      `Trust it: omnibus sub 'chat/**' --url tls://localhost:8080 --ca ${shown.cert}\n`,
  );
}

function checkHost(host: string): void {
  if (isIP(host) !== 0 || /^(\*\.)?[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$/i.test(host)) return;
  throw new CommandError(`--host must be a name or an address without a port, not ${host}`, {
    exitCode: 2,
  });
}

function checkAbsent(path: string): void {
  if (existsSync(path)) throw new CommandError(`${path} exists already; --force replaces it`);
}

function makeCertificate(
  hosts: readonly string[],
  days: number,
): Promise<{ cert: string; private: string }> {
  const nowMs = systemClock.wallMs();
  const altNames = hosts.map((host): SubjectAltNameEntry =>
    isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host },
  );
  return generate([{ name: "commonName", value: "Omnibus" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(nowMs - earlierMs),
    notAfterDate: new Date(nowMs + days * dayMs),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames },
    ],
  });
}

/** Appears whole and with its mode from the beginning, or not at all. */
function replace(path: string, content: string, mode: number): void {
  const fresh = `${path}.${process.pid}`;
  try {
    writeFileSync(fresh, content, { mode, flag: "wx" });
    renameSync(fresh, path);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** As short as it can be, and quoted for a POSIX shell where it must be. */
function forShell(path: string): string {
  const near = relative(process.cwd(), path);
  const shown = near.startsWith("..") ? path : near;
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
