import { type Clock, OmnibusError, type Random } from "../../base/index.ts";
import type { Authority, Caller, Credentials, Principal, Verb } from "../../bus/index.ts";
import { addressGroup, isLoopbackAddress, plainAddress } from "../address.ts";
import { AccountBook, type Accounts } from "./accounts.ts";
import { JwtTokens } from "./jwt.ts";
import { LoginLimiter } from "./login-limiter.ts";
import { PendingLogins } from "./pending-logins.ts";
import { hashPassword, verifyPassword } from "./password-hash.ts";
import { digestOf, isSameDigest } from "./same-secret.ts";

export interface ServerAuthorityOptions extends Accounts {
  readonly clock: Clock;
  readonly random: Random;
  /** Signs tokens; at least 32 bytes. */
  readonly jwtSecret: string;
  /** How long the tokens of a login are valid. Default: 86,400,000. */
  readonly jwtLifetimeMs?: number;
  /** Failed logins within a minute per address and user. Default: 5. */
  readonly maxFailedLogins?: number;
  /** Is told once of each role that a signed token names and that is not configured. */
  readonly onUnknownRole?: (role: string, subject: string) => void;
}

const defaultPassword = "password";
const maxNameChars = 256;
const maxToldRoles = 1000;

/**
 * Who somebody is and what they may do, from the configuration. A token is tried as a static one, then
 * as a JWT; a password is looked up among the users; anonymous clients come in where they may. [JSON-10.1]
 */
export class ServerAuthority implements Authority {
  readonly #book = new AccountBook();
  readonly #jwt: JwtTokens;
  readonly #limiter: LoginLimiter;
  readonly #random: Random;
  readonly #onUnknownRole: ServerAuthorityOptions["onUnknownRole"];
  readonly #toldRoles = new Set<string>();
  #decoyHash: Promise<string> | undefined;
  readonly #pending = new PendingLogins();

  /** Throws `bad-config` for a weak secret, a hash that is none, or a wrong pattern. */
  constructor(options: ServerAuthorityOptions) {
    const { clock, jwtSecret: secret, jwtLifetimeMs: lifetimeMs, maxFailedLogins } = options;
    this.#random = options.random;
    this.#onUnknownRole = options.onUnknownRole;
    this.#jwt = new JwtTokens({ clock, secret, ...(lifetimeMs !== undefined && { lifetimeMs }) });
    this.#limiter = new LoginLimiter({
      clock,
      ...(maxFailedLogins !== undefined && { maxFailures: maxFailedLogins }),
    });
    this.#book.update(options);
  }

  get version(): number {
    return this.#book.version;
  }

  /** Takes other accounts. Who is in stays in, with what is allowed now; who is gone may do nothing. */
  update(accounts: Accounts): void {
    this.#book.update(accounts);
  }

  async authenticate(credentials: Credentials, from: Caller): Promise<Principal> {
    if (credentials.kind === "token") return await this.#byToken(credentials.token);
    if (credentials.kind === "password") {
      return await this.#byPassword(credentials.user, credentials.password, from);
    }
    const principal = this.#book.admitAnonymous(credentials.protocol);
    if (principal === undefined) {
      throw new OmnibusError(
        "not-authenticated",
        "no credentials were given: give a token, or a user and a password (`credentials` of openBus); " +
          "anonymous clients come in only where the server has server.anonymous",
      );
    }
    return principal;
  }

  /** Exchanges a password for a token. Rejects with `not-authenticated`, `too-many`, `overloaded`. */
  async login(user: string, password: string, caller: Caller): Promise<string> {
    const principal = await this.#byPassword(user, password, caller);
    return await this.#jwt.issue(user, principal.roles, this.#book.credentialOf(user));
  }

  /** A token for anybody, without a password: for who holds the secret. */
  issue(subject: string, roles: readonly string[] = []): Promise<string> {
    return this.#jwt.issue(subject, roles);
  }

  may(principal: Principal, verb: Verb, topicOrPattern: string): boolean {
    return this.#book.may(principal, verb, topicOrPattern);
  }

  async #byToken(token: string): Promise<Principal> {
    const known = this.#book.admitToken(token);
    if (known !== undefined) return known;
    const { subject, roles, expiresAtMs, credential } = await this.#jwt.verify(token);
    if (credential === undefined) {
      this.#tellUnknownRoles(roles, subject);
      return this.#book.admitBearer(subject, roles, expiresAtMs);
    }
    // [JSON-10.3] The token of a login ends with the password that it was given for.
    if (credential !== this.#book.credentialOf(subject)) throw refused();
    return this.#book.admitUser(subject, credential, expiresAtMs);
  }

  #tellUnknownRoles(roles: readonly string[], subject: string): void {
    for (const role of roles) {
      if (this.#book.isRole(role) || this.#toldRoles.has(role)) continue;
      if (this.#toldRoles.size >= maxToldRoles) return;
      this.#toldRoles.add(role);
      this.#onUnknownRole?.(role, subject);
    }
  }

  async #byPassword(name: string, password: string, caller: Caller): Promise<Principal> {
    if (name === "" || name.length > maxNameChars) throw refused();
    const address = addressGroup(addressOf(caller.remote));
    this.#pending.enter(address);
    try {
      const attempt = await this.#limiter.begin(address, name);
      let credential: string | undefined;
      try {
        credential = await this.#checked(name, password, caller);
      } finally {
        attempt.ended(credential !== undefined);
      }
      if (credential === undefined) throw refused();
      return this.#book.admitUser(name, credential);
    } finally {
      this.#pending.leave(address);
    }
  }

  /** The user's credential if the password is right. */
  async #checked(name: string, password: string, caller: Caller): Promise<string | undefined> {
    const isRight = this.#book.isDefaultUser(name)
      ? isDefaultPassword(password, caller)
      : await this.#isPassword(name, password);
    return isRight ? this.#book.credentialOf(name) : undefined;
  }

  /** Who is unknown takes as long as who is known. */
  async #isPassword(name: string, password: string): Promise<boolean> {
    const user = this.#book.user(name);
    if (user !== undefined) return await verifyPassword(password, user.passwordHash);
    this.#decoyHash ??= hashPassword("decoy", this.#random);
    await verifyPassword(password, await this.#decoyHash);
    return false;
  }
}

// [JSON-10.4]
function isDefaultPassword(password: string, caller: Caller): boolean {
  const isHere = isLoopbackAddress(addressOf(caller.remote)) && caller.origin === undefined;
  return isSameDigest(digestOf(password), digestOf(defaultPassword)) && isHere;
}

function refused(): OmnibusError {
  return new OmnibusError("not-authenticated", "authentication failed");
}

/** The address of a remote that may have a port: `127.0.0.1:5`, `[::1]:5`, `::1`. */
function addressOf(from: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(from);
  return plainAddress(bracketed?.[1] ?? from.replace(/^([^:]*):\d+$/, "$1"));
}
