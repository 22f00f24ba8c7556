import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { parse as parseToml, TomlError } from "smol-toml";
import type { z } from "zod";
import { OmnibusError } from "../../base/index.ts";
import { nearestKey } from "./nearest-key.ts";
import { checkRoleNames } from "./role-names.ts";
import {
  type SettingKey,
  settingKeys,
  type Settings,
  settingTable,
  variableOf,
} from "./settings.ts";

/** Where settings may come from. */
export interface SettingSources {
  /** By key; texts as they were typed, or values. */
  readonly flags: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder in which `.env` and `config/default.toml` are looked for. */
  readonly folder: string;
  /** A TOML file that must exist. */
  readonly configFile?: string | undefined;
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** Where each value came from, for people: `flag --port`, `environment SERVER_PORT`, a file, `built in`. */
  readonly origins: Readonly<Record<SettingKey, string>>;
}

/** One value with the place that it stands at. */
interface Given {
  readonly value: unknown;
  readonly origin: string;
}

type Layer = Map<SettingKey, Given>;

const prefix = "OMNIBUS_";
const isKey = (name: string): name is SettingKey => Object.hasOwn(settingTable, name);

/**
 * Reads the settings: flags, environment, `.env`, the `--config` file, `config/default.toml`, built in;
 * the first that has a value wins. Throws `bad-config` for unknown keys and wrong values, with the key,
 * the place and what is allowed.
 */
export function loadSettings(sources: SettingSources): LoadedSettings {
  const { folder, configFile } = sources;
  const envFile = join(folder, ".env");
  const defaultFile = join(folder, "config", "default.toml");
  const layers: Layer[] = [
    flagLayer(sources.flags),
    variableLayer(sources.environment, "environment"),
    existsSync(envFile) ? variableLayer(parseEnv(read(envFile)), envFile) : new Map(),
    configFile === undefined ? new Map() : fileLayer(configFile),
    existsSync(defaultFile) ? fileLayer(defaultFile) : new Map(),
  ];
  const settings: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const key of settingKeys) {
    const all = layers.map((layer) => layer.get(key)).filter((found) => found !== undefined);
    // What is wrong is an error also where another place goes before it: one day that is gone.
    const [value = settingTable[key].builtIn] = all.map((given) => checked(key, given));
    settings[key] = value;
    origins[key] = all[0]?.origin ?? "built in";
  }
  const loaded = { settings, origins } as unknown as LoadedSettings;
  checkRoleNames(loaded.settings, loaded.origins);
  return loaded;
}

function checked(key: SettingKey, { value, origin }: Given): unknown {
  const { kind, isSecret } = settingTable[key];
  const result = kind.schema.safeParse(value);
  if (result.success) return result.data;
  const shown = isSecret === true ? "" : `, not ${JSON.stringify(value) ?? String(value)}`;
  const part = wrongPart(result.error.issues);
  const inside = part === "" ? "" : `; wrong is ${key}${part}`;
  throw badSetting(`${key} (${origin}) must be ${kind.allowed}${shown}${inside}`);
}

/** Where inside a table something is wrong, and what, without any value; empty for the whole. */
function wrongPart(issues: readonly z.core.$ZodIssue[]): string {
  // A key that there is not says more than the one that it was written instead of.
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0];
  if (issue === undefined) return "";
  const path = issue.path.map((step) => `.${String(step)}`).join("");
  if (issue.code === "unrecognized_keys") {
    return `${path}: there is no key ${issue.keys.join(", ")} in it`;
  }
  if (issue.code === "invalid_union") {
    // The last form is the table, the one with parts.
    const within = wrongPart(issue.errors.at(-1) ?? []);
    return within === "" ? path : path + within;
  }
  return path;
}

function flagLayer(flags: SettingSources["flags"]): Layer {
  const layer: Layer = new Map();
  for (const [key, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    if (!isKey(key)) throw badSetting(unknownKey(key, "a flag"));
    const { kind, flag = key } = settingTable[key];
    const typed = typeof value === "string" ? kind.fromText(value) : value;
    layer.set(key, { value: typed, origin: `flag ${flag}` });
  }
  return layer;
}

function variableLayer(
  variables: Readonly<Record<string, string | undefined>>,
  place: string,
): Layer {
  const layer: Layer = new Map();
  const known = new Set<string>();
  for (const key of settingKeys) {
    const name = variableOf(key);
    known.add(prefix + name);
    const used = [prefix + name, name].find((candidate) => (variables[candidate] ?? "") !== "");
    if (used === undefined) continue;
    const value = settingTable[key].kind.fromText(variables[used] ?? "");
    layer.set(key, { value, origin: `${place} ${used}` });
  }
  // Other programs' variables are none of our business, but what bears our name must be ours.
  for (const name of Object.keys(variables)) {
    if (/^OMNIBUS_(SERVER|BROKER)_/.test(name) && !known.has(name)) {
      throw badSetting(unknownKey(name, place));
    }
  }
  return layer;
}

function fileLayer(path: string): Layer {
  const content = parsed(path);
  const layer: Layer = new Map();
  const visit = (table: Record<string, unknown>, before: string): void => {
    for (const [name, value] of Object.entries(table)) {
      const key = before + name;
      if (isKey(key)) layer.set(key, { value, origin: path });
      else if (isTable(value)) visit(value, `${key}.`);
      else throw badSetting(unknownKey(key, path));
    }
  };
  visit(content, "");
  return layer;
}

function parsed(path: string): Record<string, unknown> {
  const content = read(path);
  try {
    return parseToml(content);
  } catch (cause) {
    const why = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    const line = cause instanceof TomlError ? ` in line ${cause.line}` : "";
    throw badSetting(
      `${path} is not TOML${line}: ${why.replace(/^Invalid TOML document: /, "")}`,
      cause,
    );
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw badSetting(`${path} ${isMissing ? "does not exist" : "cannot be read"}`, cause);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unknownKey(name: string, place: string): string {
  const near = nearestKey(name);
  const known =
    near === undefined ? `the keys are ${settingKeys.join(", ")}` : `did you mean ${near}?`;
  return `${name} (${place}) is not a setting; ${known}`;
}

function badSetting(text: string, cause?: unknown): OmnibusError {
  return new OmnibusError("bad-config", text, { cause });
}
