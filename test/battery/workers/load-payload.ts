/** What the load of the rows about stuck subscribers carries: a number, a time and filling, as text. */

/** Smaller ones carry no time. */
const leastTimedBytes = 32;

/** `n|time|xxx...`, exactly `bytes` long. */
export function writeLoad(n: number, timeMs: number, bytes: number): string {
  if (bytes < leastTimedBytes) return `${n}||`.padEnd(bytes, "x");
  return `${n}|${timeMs.toFixed(3)}|`.padEnd(bytes, "x");
}

/** The time is 0 where there is none. */
export function readLoad(text: string): { readonly n: number; readonly timeMs: number } {
  const first = text.indexOf("|");
  const second = text.indexOf("|", first + 1);
  return { n: Number(text.slice(0, first)), timeMs: Number(text.slice(first + 1, second)) };
}
