import { z } from "zod";
import { type BrokerSettings, brokerSettings } from "./broker-settings.ts";
import type { Setting } from "./setting.ts";
import { host, oneOf, seconds, structure, text, texts, whole } from "./setting-kinds.ts";

/**
 * What somebody may do: topic patterns that are allowed and, with `!` in front, ones that are not. A
 * verb without a list is allowed everywhere but at the system's topics.
 */
export interface PermissionSettings {
  readonly publish?: readonly string[] | undefined;
  readonly subscribe?: readonly string[] | undefined;
  readonly serve?: readonly string[] | undefined;
  readonly request?: readonly string[] | undefined;
}

/** A user who logs in by password. */
export interface UserSettings extends PermissionSettings {
  readonly roles?: readonly string[] | undefined;
  /** As `omnibus user hash` prints it. */
  readonly password_hash: string;
}

/** A token that is valid as it is. */
export interface TokenSettings extends PermissionSettings {
  readonly roles?: readonly string[] | undefined;
  readonly token: string;
  /** Who shows it. Default: `token-1`, `token-2`, ... by its place in the list. */
  readonly name?: string | undefined;
}

/** All settings of a server, by their keys as they stand in a file. */
export interface Settings extends BrokerSettings {
  readonly "server.host": string;
  readonly "server.port": number;
  readonly "server.jwt_secret": string | undefined;
  readonly "server.jwt_expiry_secs": number;
  readonly "server.tokens": readonly (string | TokenSettings)[];
  readonly "server.users": Readonly<Record<string, UserSettings>>;
  readonly "server.roles": Readonly<Record<string, PermissionSettings>>;
  readonly "server.anonymous": PermissionSettings | undefined;
  readonly "server.allow_origins": readonly string[];
  readonly "server.tls_cert": string | undefined;
  readonly "server.tls_key": string | undefined;
  readonly "server.timestamps": "ms" | "s";
  readonly "server.log_level": "debug" | "info" | "warn" | "error" | "silent";
  readonly "server.drain_secs": number;
}

/** The key of a setting. */
export type SettingKey = keyof Settings;

const patterns = z.array(z.string().min(1)).optional();
const permissions = {
  publish: patterns,
  subscribe: patterns,
  serve: patterns,
  request: patterns,
};
const whoCan = { roles: patterns, ...permissions };
const permissionTable = z.strictObject(permissions);
const permissionKeys = "publish, subscribe, serve, request";
const tokens = z.array(
  z.union([
    z.string().min(1),
    z.strictObject({
      token: z.string().min(1),
      name: z.string().min(1).optional(),
      ...whoCan,
    }),
  ]),
);
const users = z.record(
  z.string().min(1),
  z.strictObject({ password_hash: z.string().min(1), ...whoCan }),
);
const origin = /^(\*|https?:\/\/[^/?#\s]+|[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+)$/i;

/** Every setting, in the order in which they are shown. */
export const settingTable: { readonly [Key in SettingKey]: Setting<Settings[Key]> } = {
  "server.host": {
    kind: host("an address or name of this machine"),
    builtIn: "127.0.0.1",
    effect: "The address to listen at; `::` or `0.0.0.0` for all.",
    flag: "--host",
  },
  "server.port": {
    kind: whole(0, 65_535),
    builtIn: 8080,
    effect: "The port to listen at; 0 takes a free one.",
    flag: "--port",
  },
  "server.jwt_secret": {
    kind: text("a secret text of at least 32 bytes"),
    builtIn: undefined,
    effect:
      "Signs the tokens that a login returns. By default it is made on the first run and kept in the data folder.",
    isSecret: true,
  },
  "server.jwt_expiry_secs": {
    kind: seconds(1, 31_536_000),
    builtIn: 86_400,
    effect: "How long the tokens that a login returns are valid.",
  },
  "server.tokens": {
    kind: structure(
      tokens,
      "a list of tokens, each a text or a table with token, name, roles, publish, subscribe",
    ),
    builtIn: [],
    effect: "Tokens that are valid as they are, without a login.",
    isSecret: true,
  },
  "server.users": {
    kind: structure(
      users,
      "a table of users by name, each with password_hash, roles, publish, subscribe",
    ),
    builtIn: {},
    effect: "Who may log in, and what they may do.",
    isSecret: true,
  },
  "server.roles": {
    kind: structure(
      z.record(z.string().min(1), permissionTable),
      `a table of roles by name, each with ${permissionKeys}`,
    ),
    builtIn: {},
    effect: "What those may do who have a role, beside their own permissions.",
  },
  "server.anonymous": {
    kind: structure<PermissionSettings>(permissionTable, `a table with ${permissionKeys}`),
    builtIn: undefined,
    effect: "What clients without credentials may do; without it there are none.",
  },
  "server.allow_origins": {
    kind: texts("origins such as https://app.example.com, or * for all", origin),
    builtIn: [],
    effect:
      "Web pages of these origins may connect, beside the server's own; and a proxy on this machine may ask for their hosts.",
    flag: "--allow-origin",
  },
  "server.tls_cert": {
    kind: text("the path of a PEM file"),
    builtIn: undefined,
    effect: "The certificate; with it nothing is served without TLS.",
    flag: "--tls-cert",
  },
  "server.tls_key": {
    kind: text("the path of a PEM file"),
    builtIn: undefined,
    effect: "The certificate's private key.",
    flag: "--tls-key",
  },
  "server.timestamps": {
    kind: oneOf("ms", "s"),
    builtIn: "ms",
    effect: "The unit of `timestamp` in the JSON protocol.",
  },
  "server.log_level": {
    kind: oneOf("debug", "info", "warn", "error", "silent"),
    builtIn: "info",
    effect: "How much is logged.",
    flag: "--log-level",
  },
  "server.drain_secs": {
    kind: seconds(0, 3600),
    builtIn: 5,
    effect: "How long a server that ends waits for what is still to be sent.",
  },
  ...brokerSettings,
};

/** The keys in order. */
export const settingKeys: readonly SettingKey[] = Object.keys(settingTable) as SettingKey[];

/** The environment variable of a setting; the same with `OMNIBUS_` before goes first. */
export function variableOf(key: SettingKey): string {
  return key.toUpperCase().replaceAll(".", "_");
}
