import { OmnibusError } from "../../base/index.ts";
import { areRightsGiven } from "../auth/accounts.ts";
import { accountsOf } from "./accounts.ts";
import { nearestWord } from "./nearest-key.ts";
import type { Settings } from "./settings.ts";

/** Where a value was given, by the settings that name roles. */
export type RoleOrigins = Readonly<Record<"server.users" | "server.tokens", string>>;

/** Refuses users and tokens with a role that is not configured, with the one that was meant. */
export function checkRoleNames(settings: Settings, origins: RoleOrigins): void {
  for (const [name, { roles }] of Object.entries(settings["server.users"])) {
    check(settings, roles, `server.users.${name}.roles (${origins["server.users"]})`);
  }
  for (const [place, given] of settings["server.tokens"].entries()) {
    if (typeof given === "string") continue;
    const which = given.name ?? `token-${place + 1}`;
    check(
      settings,
      given.roles,
      `the roles of ${which} in server.tokens (${origins["server.tokens"]})`,
    );
  }
}

/** What is odd about a token that is about to be signed, as far as these settings tell. */
export function tokenWarnings(
  settings: Settings,
  subject: string,
  roles: readonly string[],
): string[] {
  const warnings = unknownRoles(settings, roles).map(
    (role) =>
      `there is no role ${JSON.stringify(role)}, it grants nothing; ${roleHint(settings, role)}`,
  );
  const users = Object.keys(settings["server.users"]);
  const isNobody = roles.length === 0 && !users.includes(subject);
  if (isNobody && areRightsGiven(accountsOf(settings, undefined))) {
    const near = nearestWord(subject, users);
    const meant = near === undefined ? "" : `; did you mean ${near}?`;
    const who = JSON.stringify(subject);
    warnings.push(`server.users has no ${who}, who may do nothing without a role${meant}`);
  }
  return warnings;
}

function unknownRoles(settings: Settings, named: readonly string[]): string[] {
  return named.filter((role) => !Object.hasOwn(settings["server.roles"], role));
}

function roleHint(settings: Settings, role: string): string {
  const known = Object.keys(settings["server.roles"]);
  if (known.length === 0) return "server.roles has none";
  const near = nearestWord(role, known);
  const meant = near === undefined ? "" : `; did you mean ${near}?`;
  return `server.roles has ${known.join(", ")}${meant}`;
}

function check(settings: Settings, roles: readonly string[] = [], where: string): void {
  for (const role of unknownRoles(settings, roles)) {
    throw new OmnibusError(
      "bad-config",
      `${where}: there is no role ${JSON.stringify(role)}; ${roleHint(settings, role)}`,
    );
  }
}
