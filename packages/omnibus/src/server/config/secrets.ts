import { OmnibusError, type Random } from "../../base/index.ts";
import { isLoopbackHost } from "../address.ts";
import type { DataFolder } from "./data-folder.ts";
import type { Settings } from "./settings.ts";

const minSecretBytes = 32;
const minTokenBytes = 16;
/** Secrets and tokens that stand in examples, ours among them. */
const knownSecrets: readonly string[] = [
  "a_very_secret_key",
  "default_secret",
  "supersecrettoken",
  "your-256-bit-secret",
  "a-string-secret-at-least-256-bits-long",
  "at-least-16-bytes-and-random",
];

/** The secret that signs tokens: the configured one, else the data folder's, made on the first run. */
export function jwtSecretOf(settings: Settings, folder: DataFolder, random: Random): string {
  const given = settings["server.jwt_secret"];
  const secret = given ?? folder.secret("jwt-secret", random);
  checkJwtSecret(secret, given === undefined ? `${folder.path}/jwt-secret` : "server.jwt_secret");
  return secret;
}

/** Refuses secrets that others know or can guess. `name` is what the message calls it. */
export function checkJwtSecret(secret: string, name: string): void {
  if (knownSecrets.includes(secret)) {
    throw new OmnibusError(
      "bad-config",
      `${name} is "${secret}", which everybody knows; leave it out and one is made, or choose 32 random bytes`,
    );
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes < minSecretBytes) {
    throw new OmnibusError(
      "bad-config",
      `${name} has ${bytes} bytes and needs ${minSecretBytes}; leave it out and one is made`,
    );
  }
}

/**
 * Whether `admin` with `password` may log in: on loopback only, as long as nobody is configured (DESIGN
 * 13.6). Never to be granted to a page of another origin.
 */
export function hasDefaultCredentials(settings: Settings): boolean {
  return isLoopbackHost(settings["server.host"]) && !hasConfiguredCredentials(settings);
}

function hasConfiguredCredentials(settings: Settings): boolean {
  return (
    Object.keys(settings["server.users"]).length > 0 ||
    settings["server.tokens"].length > 0 ||
    settings["server.jwt_secret"] !== undefined
  );
}

/** Refuses to let a server be reached from other machines that anybody could log in to. */
export function checkExposure(settings: Settings): void {
  const host = settings["server.host"];
  if (isLoopbackHost(host)) return;
  if (!hasConfiguredCredentials(settings)) {
    throw new OmnibusError(
      "bad-config",
      `a server at ${host} can be reached from other machines and needs server.users, server.tokens ` +
        "or server.jwt_secret; `omnibus user hash` makes a password's hash",
    );
  }
  for (const given of settings["server.tokens"]) {
    const token = typeof given === "string" ? given : given.token;
    if (knownSecrets.includes(token)) {
      throw new OmnibusError(
        "bad-config",
        `server.tokens has "${token}", which everybody knows; choose ${minTokenBytes} random bytes or more`,
      );
    }
    if (Buffer.byteLength(token) < minTokenBytes) {
      throw new OmnibusError(
        "bad-config",
        `server.tokens has a token under ${minTokenBytes} bytes, too short for a server at ${host}`,
      );
    }
  }
}
