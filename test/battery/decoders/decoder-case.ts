import type fc from "fast-check";
import { OmnibusError } from "../../../packages/omnibus/src/base/index.ts";
import { fromHex } from "../../../packages/omnibus/src/testing/index.ts";

/** What came of reading: what was read, as text, or the code that it was refused with. */
export type Reading = { readonly text: string } | { readonly refusal: string };

/** Bytes and what is read from them. */
export interface Sample {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** One decoder of foreign bytes, and what is known of it. */
export interface DecoderCase {
  readonly name: string;
  /** Reads all of it. May throw `OmnibusError`, and nothing else. */
  readonly read: (bytes: Uint8Array) => Reading;
  /** The codes that it may refuse with. */
  readonly codes: readonly string[];
  readonly golden: readonly Sample[];
  /** What must be refused. */
  readonly malformed: readonly Uint8Array[];
  /** What our own encoder writes, or a generator where only others write it. */
  readonly written: fc.Arbitrary<Sample>;
  /** The same bytes in pieces, for decoders of streams. */
  readonly readPieces?: (pieces: readonly Uint8Array[]) => Reading;
}

/** Golden bytes in hexadecimal. */
export function golden(...rows: readonly (readonly [hex: string, text: string])[]): Sample[] {
  return rows.map(([hex, text]) => ({ bytes: fromHex(hex), text }));
}

/** Bytes in hexadecimal. */
export function hexes(...rows: readonly string[]): Uint8Array[] {
  return rows.map((hex) => fromHex(hex));
}

/** Text as bytes. */
export function texts(...rows: readonly string[]): Uint8Array[] {
  return rows.map((text) => new TextEncoder().encode(text));
}

/** Values as text: bigints, dates, maps, sets, bytes and -0 can be told from what they resemble. */
export function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "number" || value === undefined) return String(value);
  if (value instanceof Date) return `date ${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString("hex")}`;
  if (value instanceof Map) return `map ${show([...value])}`;
  if (value instanceof Set) return `set ${show([...value])}`;
  if (value instanceof OmnibusError) return `error ${value.code} ${show(value.message)}`;
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([key, of]) => `${JSON.stringify(key)}:${show(of)}`);
    return `{${fields.join()}}`;
  }
  return JSON.stringify(value);
}

/** A reading by a function of `bytes[start, end)`, which stands amid other bytes: who reads beyond is found out. */
export function within(
  decode: (bytes: Uint8Array, start: number, end: number) => unknown,
): (bytes: Uint8Array) => Reading {
  return (bytes) => {
    const amid = new Uint8Array(bytes.length + 16).fill(0xa5);
    amid.set(bytes, 7);
    return { text: show(decode(amid, 7, 7 + bytes.length)) };
  };
}
