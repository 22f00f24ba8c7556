import { type SettingKey, settingKeys } from "./settings.ts";

/** More slips than this are another word. */
const maxSlips = 3;

/** The key that somebody meant who wrote `name`, a key or a variable; undefined if none is near. */
export function nearestKey(name: string): SettingKey | undefined {
  const plain = name
    .toLowerCase()
    .replace(/^omnibus_/, "")
    .replace(/^(server|broker)_/, "$1.");
  // The same word in another section, or in none, is meant, too.
  const last = (key: string): string => key.slice(key.indexOf(".") + 1);
  const farness = (key: string): number =>
    Math.min(slips(plain, key), 1 + slips(last(plain), last(key)));
  const best = settingKeys.toSorted((a, b) => farness(a) - farness(b))[0];
  return best !== undefined && farness(best) <= maxSlips ? best : undefined;
}

/** The one of `words` that somebody meant who wrote `name`; undefined if none is near. */
export function nearestWord(name: string, words: readonly string[]): string | undefined {
  const best = words.toSorted((a, b) => slips(name, a) - slips(name, b))[0];
  const allowed = Math.min(maxSlips, Math.floor(name.length / 2));
  return best !== undefined && slips(name, best) <= allowed ? best : undefined;
}

/** How many letters must be put in, left out, or changed to make one word of the other (Levenshtein). */
function slips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, n) => n);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
