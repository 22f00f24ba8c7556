import type { Spread } from "../stats/statistics.ts";

/** A figure with three digits: `9.81 M`, `104 k`, `0.873`. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${threeDigits(value / 1e6)} M`;
  if (size >= 1e4) return `${threeDigits(value / 1e3)} k`;
  return threeDigits(value);
}

/** `6.02 (5.71 to 6.40)`; the range only where there is more than one value. */
export function spreadText({ median, min, max, count }: Spread): string {
  const middle = shortNumber(median);
  return count < 2 ? middle : `${middle} (${shortNumber(min)} to ${shortNumber(max)})`;
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 1 ? value.toFixed(2) : value.toPrecision(2);
}
