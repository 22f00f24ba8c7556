import type { Caller } from "../adapters/json/index.ts";
import type { Clock, Random } from "../base/index.ts";
import type { Authority } from "../bus/index.ts";
import type { Settings } from "./config/settings.ts";

/** An authority that also gives tokens for passwords. */
export interface Authenticator extends Authority {
  /**
   * Exchanges a password for a token. Rejects with `not-authenticated`, with `too-many` after too many
   * failures. Default credentials are refused to callers of another origin or machine.
   */
  login(user: string, password: string, caller: Caller): Promise<string>;
}

/** What an authenticator is made from. */
export interface AuthenticatorParts {
  readonly settings: Settings;
  readonly jwtSecret: string;
  /** The token by which the command line of the same user gets in; undefined where there is none. */
  readonly localToken: () => string | undefined;
  /** Whether `admin` with `password` may log in from this machine. */
  readonly hasDefaultCredentials: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

export type CreateAuthenticator = (parts: AuthenticatorParts) => Authenticator;
