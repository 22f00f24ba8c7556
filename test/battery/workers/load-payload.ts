/** What the load of the rows about stuck subscribers carries: a number, a time and filling, as text. */
import { crc32 } from "node:zlib";

/** Smaller ones carry no time. */
const leastTimedBytes = 32;
/** `a` to `z`. */
const firstFilling = 97;
const fillings = 26;

/** `n|time|` and filling that differs from one number to the next, exactly `bytes` long. */
export function writeLoad(n: number, timeMs: number, bytes: number): string {
  const filling = String.fromCharCode(firstFilling + (n % fillings));
  if (bytes < leastTimedBytes) return `${n}||`.padEnd(bytes, filling);
  return `${n}|${timeMs.toFixed(3)}|`.padEnd(bytes, filling);
}

/** What a history says of a text: its length and a hash. */
export function contentOf(text: string): string {
  return `${text.length} characters, CRC ${crc32(text).toString(16)}`;
}

/** The time is 0 where there is none. */
export function readLoad(text: string): { readonly n: number; readonly timeMs: number } {
  const first = text.indexOf("|");
  const second = text.indexOf("|", first + 1);
  return { n: Number(text.slice(0, first)), timeMs: Number(text.slice(first + 1, second)) };
}
