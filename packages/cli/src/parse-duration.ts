import { InvalidArgumentError } from "commander";

const unitMs: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Milliseconds of a duration such as `90s`, `30m`, `24h`, `7d`, `2w`. */
export function parseDuration(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([smhdw])$/.exec(text.trim()) ?? [];
  const ms = Number(count) * (unitMs[unit] ?? 0);
  if (ms > 0 && Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError("It must be a duration such as 90s, 30m, 24h, 7d or 2w.");
}
