import type { LoadedSettings } from "./load-settings.ts";
import { settingKeys, settingTable } from "./settings.ts";

/** All settings, one per line in TOML's form, each with its origin. Secrets are not shown. */
export function printSettings({ settings, origins }: LoadedSettings): string {
  const lines = settingKeys.map((key) => {
    const value = settings[key];
    const isSet = origins[key] !== "built in";
    const shown =
      settingTable[key].isSecret === true
        ? isSet
          ? '"(hidden)"'
          : "(none)"
        : value === undefined
          ? "(none)"
          : JSON.stringify(value);
    return { text: `${key} = ${shown}`, origin: origins[key] };
  });
  const width = Math.max(...lines.map(({ text }) => text.length));
  return lines.map(({ text, origin }) => `${text.padEnd(width)}  # ${origin}\n`).join("");
}
