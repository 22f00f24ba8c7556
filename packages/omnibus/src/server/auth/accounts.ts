import type { Principal, Verb } from "../../bus/index.ts";
import { checkPasswordHash } from "./password-hash.ts";
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

/** Who is known, and what they may do. */
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

/** How a principal came to be, so that changed accounts are felt by those who are in already. */
type Origin =
  | { readonly kind: "user"; readonly user: string; readonly credential: string }
  | { readonly kind: "jwt"; readonly user: string }
  | { readonly kind: "token"; readonly digest: Buffer }
  | { readonly kind: "anonymous" };

interface KnownToken extends StaticToken {
  readonly digest: Buffer;
}

/**
 * Whether somebody has said who may do what, so that a name that is not among them may do nothing
 * [JSON-10.5]: there is a user, a role, or a static token with permissions of its own. What anonymous
 * clients may do says nothing about who has a token.
 */
export function areRightsGiven({ users, roles = {}, tokens }: Accounts): boolean {
  const areTokensBound = tokens.some(({ permissions }) => permissions !== undefined);
  return users.length > 0 || Object.keys(roles).length > 0 || areTokensBound;
}

export const defaultUser = "admin";
const defaultCredential = "default";
const maxSharedGrants = 1000;

/** The accounts as they are now, and the principals that they let in. */
export class AccountBook {
  #accounts: Accounts = { users: [], tokens: [] };
  #users = new Map<string, User>();
  #tokens: readonly KnownToken[] = [];
  readonly #origins = new WeakMap<Principal, Origin>();
  #grants = new WeakMap<Principal, Grants>();
  /** One object for all principals that are alike, so that they share verdicts. */
  readonly #sharedGrants = new Map<string, Grants>();
  #version = 0;

  /** Grows with every `update`. */
  get version(): number {
    return this.#version;
  }

  /** Takes other accounts instead. Throws `bad-config`, and then keeps those that it has. */
  update(accounts: Accounts): void {
    for (const user of accounts.users) {
      checkPasswordHash(user.passwordHash, `the password of ${user.name}`);
    }
    const own = [...accounts.users, ...accounts.tokens].map((one) => one.permissions ?? {});
    const ofRoles = Object.values(accounts.roles ?? {});
    for (const permissions of [...own, ...ofRoles]) void new Grants([permissions]);
    this.#accounts = accounts;
    this.#users = new Map(accounts.users.map((user) => [user.name, user]));
    this.#tokens = accounts.tokens.map((one) => ({ ...one, digest: digestOf(one.token) }));
    this.#grants = new WeakMap();
    this.#sharedGrants.clear();
    this.#version++;
  }

  user(name: string): User | undefined {
    return this.#users.get(name);
  }

  /** Whether `name` is the built-in user, and may be. */
  isDefaultUser(name: string): boolean {
    const { hasDefaultUser } = this.#accounts;
    return hasDefaultUser === true && name === defaultUser && !this.#users.has(name);
  }

  /** What the tokens of a user's logins are tied to; undefined if there is no such user. */
  credentialOf(name: string): string | undefined {
    const user = this.#users.get(name);
    if (user !== undefined) return digestOf(user.passwordHash).toString("base64url").slice(0, 16);
    return this.isDefaultUser(name) ? defaultCredential : undefined;
  }

  /** The principal of a user whose password, or whose login's token, was right. */
  admitUser(user: string, credential: string, expiresAtMs?: number): Principal {
    const facts = { name: `user:${user}`, roles: this.#users.get(user)?.roles ?? [] };
    const principal: Principal = expiresAtMs === undefined ? facts : { ...facts, expiresAtMs };
    return this.#admit(principal, { kind: "user", user, credential });
  }

  /** The principal of who shows a token that somebody with the secret issued. */
  admitBearer(user: string, roles: readonly string[], expiresAtMs: number): Principal {
    return this.#admit({ name: `user:${user}`, roles, expiresAtMs }, { kind: "jwt", user });
  }

  /** The principal of a static token. Compares with all, so that the time does not tell which was near. */
  admitToken(token: string): Principal | undefined {
    const known = this.#findToken(digestOf(token));
    if (known === undefined) return undefined;
    const principal = { name: known.principal, roles: known.roles ?? [] };
    return this.#admit(principal, { kind: "token", digest: known.digest });
  }

  admitAnonymous(protocol: string): Principal | undefined {
    if (this.#accounts.anonymous === undefined) return undefined;
    return this.#admit({ name: `anonymous:${protocol}`, roles: [] }, { kind: "anonymous" });
  }

  /** Whether a role of this name grants anything. */
  isRole(name: string): boolean {
    return Object.hasOwn(this.#accounts.roles ?? {}, name);
  }

  /** What a principal may do now. Who did not come from here may do nothing. */
  may(principal: Principal, verb: Verb, topicOrPattern: string): boolean {
    let grants = this.#grants.get(principal);
    if (grants === undefined) {
      grants = this.#grantsOf(principal);
      this.#grants.set(principal, grants);
    }
    return grants.may(verb, topicOrPattern);
  }

  #findToken(digest: Buffer): KnownToken | undefined {
    let found: KnownToken | undefined;
    for (const known of this.#tokens) if (isSameDigest(known.digest, digest)) found ??= known;
    return found;
  }

  #admit(principal: Principal, origin: Origin): Principal {
    this.#origins.set(principal, origin);
    return principal;
  }

  #grantsOf(principal: Principal): Grants {
    const origin = this.#origins.get(principal);
    if (origin === undefined) return noGrants;
    if (origin.kind === "anonymous") {
      const { anonymous } = this.#accounts;
      return anonymous === undefined ? noGrants : this.#share("anonymous", [anonymous]);
    }
    if (origin.kind === "token") {
      const known = this.#findToken(origin.digest);
      if (known === undefined) return noGrants;
      const key = `token:${origin.digest.toString("base64")}`;
      return this.#combine(key, known.permissions, known.roles ?? []);
    }
    if (origin.kind === "user" && this.credentialOf(origin.user) !== origin.credential) {
      return noGrants;
    }
    const user = this.#users.get(origin.user);
    const named = origin.kind === "jwt" ? principal.roles : [];
    const isNobody = origin.kind === "jwt" && user === undefined && named.length === 0;
    if (isNobody && areRightsGiven(this.#accounts)) return noGrants;
    const roles = named.length > 0 ? named : (user?.roles ?? []);
    return this.#combine(`user:${origin.user}`, user?.permissions, roles);
  }

  /** Who has roles of which none is known, and no permissions of their own, may do nothing. */
  #combine(key: string, own: Permissions | undefined, roles: readonly string[]): Grants {
    const table = this.#accounts.roles ?? {};
    const known = roles.filter((role) => Object.hasOwn(table, role));
    if (own === undefined && known.length === 0 && roles.length > 0) return noGrants;
    const ofRoles = known.map((role) => table[role] ?? {});
    // Those without permissions of their own are alike if their roles are.
    const shared = JSON.stringify([own === undefined ? "" : key, ...known]);
    return this.#share(shared, own === undefined ? ofRoles : [own, ...ofRoles]);
  }

  #share(key: string, permissions: readonly Permissions[]): Grants {
    let grants = this.#sharedGrants.get(key);
    if (grants === undefined) {
      grants = new Grants(permissions);
      if (this.#sharedGrants.size >= maxSharedGrants) this.#sharedGrants.clear();
      this.#sharedGrants.set(key, grants);
    }
    return grants;
  }
}
