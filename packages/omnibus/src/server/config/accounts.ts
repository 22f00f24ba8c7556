import type { Accounts, StaticToken } from "../auth/accounts.ts";
import type { Permissions } from "../auth/permissions.ts";
import { hasDefaultCredentials } from "./secrets.ts";
import type { PermissionSettings, Settings, TokenSettings } from "./settings.ts";

/** Who is known to a server, from its settings and the token of the local command line. */
export function accountsOf(settings: Settings, localToken: string | undefined): Accounts {
  const anonymous = settings["server.anonymous"];
  return {
    users: Object.entries(settings["server.users"]).map(([name, user]) => ({
      name,
      passwordHash: user.password_hash,
      roles: user.roles ?? [],
      ...ownPermissions(user),
    })),
    tokens: [
      ...settings["server.tokens"].map(tokenOf),
      ...(localToken === undefined ? [] : [{ token: localToken, principal: "user:local" }]),
    ],
    roles: settings["server.roles"],
    ...(anonymous && { anonymous }),
    hasDefaultUser: hasDefaultCredentials(settings),
  };
}

function tokenOf(given: string | TokenSettings, place: number): StaticToken {
  const settings = typeof given === "string" ? { token: given } : given;
  const { token, name = `token-${place + 1}`, roles = [] } = settings;
  return { token, principal: `token:${name}`, roles, ...ownPermissions(settings) };
}

/** Only who is given permissions has some of their own; else their roles decide. */
function ownPermissions(given: PermissionSettings): { permissions?: Permissions } {
  const { publish, subscribe, serve, request } = given;
  const isNone = [publish, subscribe, serve, request].every((list) => list === undefined);
  return isNone ? {} : { permissions: { publish, subscribe, serve, request } };
}
