import { scrypt, timingSafeEqual } from "node:crypto";
import { OmnibusError, type Random } from "../../base/index.ts";

/** How much work a hash costs, in the terms of RFC 7914: N = 2^ln. Memory: 128 * N * r bytes. */
export interface ScryptCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, and about 0.2 s of one core. */
export const defaultCost: ScryptCost = { ln: 15, r: 8, p: 3 };

const saltBytes = 16;
const keyBytes = 32;
const maxMemoryBytes = 256 * 1024 * 1024;
const maxPasswordBytes = 1024;

interface ParsedHash extends ScryptCost {
  readonly salt: Buffer;
  readonly key: Buffer;
}

/**
 * The hash of a password as `$scrypt$ln=15,r=8,p=3$SALT$KEY`, in base64 without padding: the text form
 * that the PHC string format gives to other functions.
 */
export async function hashPassword(
  password: string,
  random: Random,
  cost: ScryptCost = defaultCost,
): Promise<string> {
  const salt = Buffer.from(random.bytes(saltBytes));
  const key = await derive(password, salt, keyBytes, cost);
  const { ln, r, p } = cost;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${plainBase64(salt)}$${plainBase64(key)}`;
}

/** Throws `bad-config` if a text is not a hash that `verifyPassword` can work with. */
export function checkPasswordHash(hash: string, name: string): void {
  if (parseHash(hash) !== undefined) return;
  throw new OmnibusError(
    "bad-config",
    `${name} is not a password hash; \`omnibus user hash\` makes one ($scrypt$ln=...)`,
  );
}

/** Whether a password has this hash. A text that is no hash belongs to no password. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parseHash(hash);
  if (parsed === undefined || Buffer.byteLength(password) > maxPasswordBytes) return false;
  const key = await derive(password, parsed.salt, parsed.key.length, parsed);
  return timingSafeEqual(key, parsed.key);
}

const form = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parseHash(hash: string): ParsedHash | undefined {
  const [, ln = "", r = "", p = "", salt = "", key = ""] = form.exec(hash) ?? [];
  const parsed: ParsedHash = {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, "base64"),
    key: Buffer.from(key, "base64"),
  };
  const isSound =
    parsed.ln >= 10 &&
    parsed.ln <= 20 &&
    parsed.r >= 1 &&
    parsed.p >= 1 &&
    parsed.p <= 16 &&
    128 * 2 ** parsed.ln * parsed.r <= maxMemoryBytes &&
    parsed.salt.length >= 8 &&
    parsed.salt.length <= 64 &&
    parsed.key.length >= 16 &&
    parsed.key.length <= 64;
  return isSound ? parsed : undefined;
}

function derive(
  password: string,
  salt: Buffer,
  length: number,
  { ln, r, p }: ScryptCost,
): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: maxMemoryBytes + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    // RFC 8265: a password is compared in normal form C.
    scrypt(password.normalize("NFC"), salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function plainBase64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
