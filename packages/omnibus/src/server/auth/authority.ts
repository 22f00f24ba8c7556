import { type Clock, OmnibusError, type Random } from "../../base/index.ts";
import type { Authority, Credentials, Principal, Verb } from "../../bus/index.ts";
import { isLoopbackAddress } from "../address.ts";
import { JwtTokens } from "./jwt.ts";
import { LoginLimiter } from "./login-limiter.ts";
import { checkPasswordHash, hashPassword, verifyPassword } from "./password-hash.ts";
import { Grants, noGrants, type Permissions } from "./permissions.ts";
import { digestOf, isSameDigest } from "./same-secret.ts";

/** A user who logs in with a password. */
export interface User {
  readonly name: string;
  /** As `hashPassword` makes it. */
  readonly passwordHash: string;
  readonly roles?: readonly string[];
  readonly permissions?: Permissions;
}

/** A token that is valid as it is. */
export interface StaticToken {
  readonly token: string;
  /** The principal's name, such as `token:sensor-1`. */
  readonly principal: string;
  readonly roles?: readonly string[];
  readonly permissions?: Permissions;
}

/** Who is known; may be changed while the server runs. */
export interface Accounts {
  readonly users: readonly User[];
  readonly tokens: readonly StaticToken[];
  /** What those may do who have a role of this name, beside their own permissions. */
  readonly roles?: Readonly<Record<string, Permissions>>;
  /** What anonymous clients may do. Without it there are none. */
  readonly anonymous?: Permissions;
  /**
   * Whether `admin` may log in with `password`, from this machine and not from a page of another
   * origin (DESIGN 13.6). Default: false.
   */
  readonly hasDefaultUser?: boolean;
}

export interface ServerAuthorityOptions extends Accounts {
  readonly clock: Clock;
  readonly random: Random;
  /** Signs tokens; at least 32 bytes. */
  readonly jwtSecret: string;
  /** How long the tokens of a login are valid. Default: 86,400,000. */
  readonly jwtLifetimeMs?: number;
  /** Failed logins within a minute per address and user. Default: 5. */
  readonly maxFailedLogins?: number;
}

/** Where a login comes from. */
export interface LoginCaller {
  readonly address: string;
  readonly isLoopback: boolean;
  /** The web page's origin, if it is not the server's own. */
  readonly origin: string | undefined;
}

/** How a principal came to be, so that changed accounts are seen by those who are in already. */
type Origin =
  | { readonly kind: "user"; readonly user: string; readonly credential: string }
  | { readonly kind: "jwt"; readonly user: string }
  | { readonly kind: "token"; readonly digest: Buffer }
  | { readonly kind: "anonymous" };

interface KnownToken extends StaticToken {
  readonly digest: Buffer;
}

const defaultUser = "admin";
const defaultPassword = "password";
const defaultCredential = "default";
const maxPendingPasswords = 64;

/**
 * Who somebody is and what they may do, from the configuration: passwords, tokens that a login or the
 * holder of the secret issued, static tokens, anonymous. [JSON-10]
 */
export class ServerAuthority implements Authority {
  readonly #jwt: JwtTokens;
  readonly #limiter: LoginLimiter;
  readonly #random: Random;
  #users = new Map<string, User>();
  #tokens: readonly KnownToken[] = [];
  #roles: Readonly<Record<string, Permissions>> = {};
  #anonymous: Permissions | undefined;
  #hasDefaultUser = false;
  #origins = new WeakMap<Principal, Origin>();
  #grants = new WeakMap<Principal, Grants>();
  #sharedGrants = new Map<string, Grants>();
  #decoyHash: Promise<string> | undefined;
  #pendingPasswords = 0;
  #version = 0;

  /** Throws `bad-config`. */
  constructor(options: ServerAuthorityOptions) {
    const { clock, jwtSecret: secret, jwtLifetimeMs: lifetimeMs, maxFailedLogins } = options;
    this.#random = options.random;
    this.#jwt = new JwtTokens({ clock, secret, ...(lifetimeMs && { lifetimeMs }) });
    this.#limiter = new LoginLimiter({
      clock,
      ...(maxFailedLogins && { maxFailures: maxFailedLogins }),
    });
    this.update(options);
  }

  get version(): number {
    return this.#version;
  }

  /** Takes other accounts. Who is in stays in, with what is allowed now; who is gone may do nothing. */
  update(accounts: Accounts): void {
    for (const user of accounts.users)
      checkPasswordHash(user.passwordHash, `password of ${user.name}`);
    const all = [...accounts.users, ...accounts.tokens].map((one) => one.permissions ?? {});
    for (const permissions of [...all, ...Object.values(accounts.roles ?? {})]) {
      void new Grants([permissions]);
    }
    this.#users = new Map(accounts.users.map((user) => [user.name, user]));
    this.#tokens = accounts.tokens.map((one) => ({ ...one, digest: digestOf(one.token) }));
    this.#roles = accounts.roles ?? {};
    this.#anonymous = accounts.anonymous;
    this.#hasDefaultUser = accounts.hasDefaultUser ?? false;
    this.#grants = new WeakMap();
    this.#sharedGrants.clear();
    this.#version++;
  }

  async authenticate(credentials: Credentials, from: string): Promise<Principal> {
    switch (credentials.kind) {
      case "anonymous":
        return this.#enterAnonymously(credentials.protocol);
      case "token":
        return this.#byStaticToken(credentials.token) ?? (await this.#byJwt(credentials.token));
      case "password": {
        const address = addressOf(from);
        const isLoopback = isLoopbackAddress(address);
        const caller = { address, isLoopback, origin: undefined };
        return await this.#byPassword(credentials.user, credentials.password, caller);
      }
      default:
        throw refused();
    }
  }

  /** Exchanges a password for a token. Rejects with `not-authenticated`, `too-many`, `overloaded`. */
  async login(user: string, password: string, caller: LoginCaller): Promise<string> {
    const principal = await this.#byPassword(user, password, caller);
    const origin = this.#origins.get(principal);
    const credential = origin?.kind === "user" ? origin.credential : undefined;
    return await this.#jwt.issue(user, principal.roles, credential);
  }

  /** A token for anybody, without a password: for who holds the secret. */
  issue(subject: string, roles: readonly string[] = []): Promise<string> {
    return this.#jwt.issue(subject, roles);
  }

  may(principal: Principal, verb: Verb, topicOrPattern: string): boolean {
    let grants = this.#grants.get(principal);
    if (grants === undefined) {
      grants = this.#grantsOf(principal);
      this.#grants.set(principal, grants);
    }
    return grants.may(verb, topicOrPattern);
  }

  #enterAnonymously(protocol: string): Principal {
    if (this.#anonymous === undefined) throw refused();
    return this.#admit({ name: `anonymous:${protocol}`, roles: [] }, { kind: "anonymous" });
  }

  /** Compares with every token, so that the time does not tell which one was nearly right. */
  #byStaticToken(token: string): Principal | undefined {
    const digest = digestOf(token);
    let found: KnownToken | undefined;
    for (const known of this.#tokens) if (isSameDigest(known.digest, digest)) found ??= known;
    if (found === undefined) return undefined;
    const principal = { name: found.principal, roles: found.roles ?? [] };
    return this.#admit(principal, { kind: "token", digest: found.digest });
  }

  async #byJwt(token: string): Promise<Principal> {
    const { subject, roles, expiresAtMs, credential } = await this.#jwt.verify(token);
    if (credential === undefined) {
      const principal = { name: `user:${subject}`, roles, expiresAtMs };
      return this.#admit(principal, { kind: "jwt", user: subject });
    }
    if (credential !== this.#credentialOf(subject)) throw refused();
    const user = this.#users.get(subject);
    const principal = { name: `user:${subject}`, roles: user?.roles ?? [], expiresAtMs };
    return this.#admit(principal, { kind: "user", user: subject, credential });
  }

  async #byPassword(name: string, password: string, caller: LoginCaller): Promise<Principal> {
    const succeeded = this.#limiter.begin(caller.address, name.slice(0, 256));
    if (!(await this.#isPassword(name, password, caller))) throw refused();
    const credential = this.#credentialOf(name);
    if (credential === undefined) throw refused();
    succeeded();
    const roles = this.#users.get(name)?.roles ?? [];
    return this.#admit({ name: `user:${name}`, roles }, { kind: "user", user: name, credential });
  }

  async #isPassword(name: string, password: string, caller: LoginCaller): Promise<boolean> {
    if (this.#hasDefaultUser && name === defaultUser && !this.#users.has(name)) {
      const isHere = caller.isLoopback && caller.origin === undefined;
      return isSameDigest(digestOf(password), digestOf(defaultPassword)) && isHere;
    }
    if (this.#pendingPasswords >= maxPendingPasswords) {
      throw new OmnibusError("overloaded", "too many logins at once");
    }
    this.#pendingPasswords++;
    try {
      const user = this.#users.get(name);
      // Who is unknown takes as long as who is known.
      this.#decoyHash ??= hashPassword("decoy", this.#random);
      const isRight = await verifyPassword(password, user?.passwordHash ?? (await this.#decoyHash));
      return isRight && user !== undefined;
    } finally {
      this.#pendingPasswords--;
    }
  }

  /** What the tokens of a user's logins are tied to; undefined if there is no such user. */
  #credentialOf(name: string): string | undefined {
    const user = this.#users.get(name);
    if (user !== undefined) return digestOf(user.passwordHash).toString("base64url").slice(0, 16);
    return this.#hasDefaultUser && name === defaultUser ? defaultCredential : undefined;
  }

  #admit(principal: Principal, origin: Origin): Principal {
    this.#origins.set(principal, origin);
    return principal;
  }

  #grantsOf(principal: Principal): Grants {
    const origin = this.#origins.get(principal);
    switch (origin?.kind) {
      case "anonymous":
        return this.#anonymous === undefined
          ? noGrants
          : this.#share("anonymous", [this.#anonymous]);
      case "token": {
        const known = this.#tokens.find((one) => isSameDigest(one.digest, origin.digest));
        if (known === undefined) return noGrants;
        return this.#combine(principal.name, known.permissions, known.roles ?? []);
      }
      case "user": {
        if (this.#credentialOf(origin.user) !== origin.credential) return noGrants;
        const user = this.#users.get(origin.user);
        return this.#combine(principal.name, user?.permissions, user?.roles ?? []);
      }
      case "jwt":
        return this.#combine(
          principal.name,
          this.#users.get(origin.user)?.permissions,
          principal.roles,
        );
      case undefined:
        return noGrants;
      default:
        return noGrants;
    }
  }

  #combine(name: string, own: Permissions | undefined, roles: readonly string[]): Grants {
    const known = roles.filter((role) => Object.hasOwn(this.#roles, role));
    const ofRoles = known.map((role) => this.#roles[role] ?? {});
    // Those without permissions of their own are alike if their roles are.
    const key = JSON.stringify([own === undefined ? "" : name, ...known]);
    return this.#share(key, own === undefined ? ofRoles : [own, ...ofRoles]);
  }

  /** One object for all that are alike, so that they share verdicts. */
  #share(key: string, permissions: readonly Permissions[]): Grants {
    let grants = this.#sharedGrants.get(key);
    if (grants === undefined) {
      grants = new Grants(permissions);
      if (this.#sharedGrants.size >= 1000) this.#sharedGrants.clear();
      this.#sharedGrants.set(key, grants);
    }
    return grants;
  }
}

function refused(): OmnibusError {
  return new OmnibusError("not-authenticated", "authentication failed");
}

/** The address of a remote that may have a port: `127.0.0.1:5`, `[::1]:5`, `::1`. */
function addressOf(from: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(from);
  if (bracketed !== null) return bracketed[1] ?? from;
  return from.replace(/^([^:]*):\d+$/, "$1");
}
