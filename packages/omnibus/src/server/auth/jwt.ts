import { createHash } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import { type Clock, OmnibusError } from "../../base/index.ts";
import { checkJwtSecret } from "../config/secrets.ts";

export interface JwtOptions {
  /** At least 32 bytes, and none that stands in examples. */
  readonly secret: string;
  readonly clock: Clock;
  /** How long issued tokens are valid. Default: 86,400,000. */
  readonly lifetimeMs?: number;
  /** Verified tokens that are remembered. Default: 10,000. */
  readonly maxCached?: number;
}

/** What a token says, checked. */
export interface JwtClaims {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly expiresAtMs: number;
  /** Which password it was issued for, if a login issued it: see `issue`. */
  readonly credential: string | undefined;
}

const algorithm = "HS256";
/** Base64url with two dots; longer ones are not looked at. */
const maxTokenChars = 8192;
const maxSubjectChars = 256;
const maxRoles = 64;

/**
 * JSON Web Tokens (RFC 7519) signed by HMAC with SHA-256, and by nothing else whatever a token's header
 * says: there is one key and one algorithm. What verified once is remembered until it expires.
 */
export class JwtTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #maxCached: number;
  /** By the token's digest, the least recently used first. */
  readonly #verified = new Map<string, JwtClaims>();

  /** Throws `bad-config` for a secret that can be guessed. */
  constructor(options: JwtOptions) {
    checkJwtSecret(options.secret, "the secret");
    this.#key = new TextEncoder().encode(options.secret);
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs ?? 86_400_000;
    this.#maxCached = options.maxCached ?? 10_000;
  }

  /** How many verified tokens are remembered. */
  get cached(): number {
    return this.#verified.size;
  }

  /**
   * A new token. `credential` (a fingerprint of the password's hash) ties it to a password, so that a
   * changed one ends it.
   */
  issue(subject: string, roles: readonly string[], credential?: string): Promise<string> {
    const nowSecs = Math.floor(this.#clock.wallMs() / 1000);
    const claims = { ...(roles.length > 0 && { roles }), ...(credential && { cred: credential }) };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: algorithm, typ: "JWT" })
      .setSubject(subject)
      .setIssuedAt(nowSecs)
      .setExpirationTime(nowSecs + Math.floor(this.#lifetimeMs / 1000))
      .sign(this.#key);
  }

  /** What a token says. Rejects with `not-authenticated`, without saying why. */
  async verify(token: string): Promise<JwtClaims> {
    if (token.length > maxTokenChars) throw refused();
    const digest = createHash("sha256").update(token).digest("base64");
    const claims = this.#verified.get(digest) ?? (await this.#check(token));
    this.#verified.delete(digest);
    if (claims.expiresAtMs <= this.#clock.wallMs()) throw refused();
    this.#verified.set(digest, claims);
    for (const oldest of this.#verified.keys()) {
      if (this.#verified.size <= this.#maxCached) break;
      this.#verified.delete(oldest);
    }
    return claims;
  }

  async #check(token: string): Promise<JwtClaims> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: [algorithm],
        currentDate: new Date(this.#clock.wallMs()),
        requiredClaims: ["sub", "exp"],
        clockTolerance: 0,
      });
      return {
        subject: readSubject(payload.sub),
        roles: readRoles(payload["roles"]),
        expiresAtMs: Math.min((payload.exp ?? 0) * 1000, Number.MAX_SAFE_INTEGER),
        credential: readCredential(payload["cred"]),
      };
    } catch (error) {
      throw refused(error);
    }
  }
}

function refused(cause?: unknown): OmnibusError {
  return new OmnibusError("not-authenticated", "the token is not valid", { cause });
}

function readSubject(subject: unknown): string {
  if (typeof subject !== "string" || subject === "" || subject.length > maxSubjectChars) {
    throw new TypeError("sub must be a text of 1 to 256 characters");
  }
  if (/[\p{Cc}\p{Cs}]/u.test(subject)) throw new TypeError("sub has control characters");
  return subject;
}

function readRoles(roles: unknown): readonly string[] {
  if (roles === undefined) return [];
  if (!Array.isArray(roles) || roles.length > maxRoles) throw new TypeError("roles must be a list");
  return roles.map((role: unknown) => {
    if (typeof role === "string") return role;
    throw new TypeError("a role must be a text");
  });
}

function readCredential(credential: unknown): string | undefined {
  if (credential === undefined || typeof credential === "string") return credential;
  throw new TypeError("cred must be a text");
}
