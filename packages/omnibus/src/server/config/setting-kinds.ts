import { z } from "zod";

/** What a setting is, and how it is written where only text can be written (flags, environment). */
export interface SettingKind<T> {
  readonly schema: z.ZodType<T>;
  /** Completes the sentence "It must be ...". */
  readonly allowed: string;
  /** The value that a text stands for; the text itself if it stands for none, to be refused later. */
  readonly fromText: (text: string) => unknown;
}

function numberFrom(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text;
}

/** A whole number. */
export function whole(min: number, max: number): SettingKind<number> {
  return {
    schema: z.int().min(min).max(max),
    allowed: `a whole number from ${min} to ${max}`,
    fromText: numberFrom,
  };
}

/** A number of seconds, fractions allowed. */
export function seconds(min: number, max: number): SettingKind<number> {
  return {
    schema: z.number().min(min).max(max),
    allowed: `a number of seconds from ${min} to ${max}`,
    fromText: numberFrom,
  };
}

/** A text; `form` if not every text will do. */
export function text(allowed: string, form: RegExp = /^.+$/s): SettingKind<string> {
  return { schema: z.string().regex(form), allowed, fromText: (given) => given };
}

/** A host to listen at; an IPv6 address also in the brackets that it has in a URL, which are taken off. */
export function host(allowed: string): SettingKind<string> {
  const schema = z.string().regex(/^[^\s/]+$/);
  const bare = schema.transform((given) => given.replace(/^\[(.+)\]$/, "$1"));
  return { schema: bare, allowed, fromText: (given) => given };
}

/** One of a few words. */
export function oneOf<Word extends string>(...words: Word[]): SettingKind<Word> {
  return {
    schema: z.enum(words),
    allowed: `one of ${words.join(", ")}`,
    fromText: (given) => given,
  };
}

/** A list of texts; in a flag or variable separated by commas. */
export function texts(what: string, form: RegExp = /^.+$/s): SettingKind<readonly string[]> {
  return {
    schema: z.array(z.string().regex(form)),
    allowed: `a list of ${what} (in a variable separated by commas)`,
    fromText: list,
  };
}

/** A list or table of any form; in a flag or variable JSON, or a list separated by commas. */
export function structure<T>(schema: z.ZodType<T>, allowed: string): SettingKind<T> {
  return {
    schema,
    allowed: `${allowed} (in a variable as JSON)`,
    fromText: (given) => (/^\s*[[{]/.test(given) ? json(given) : list(given)),
  };
}

function list(given: string): string[] {
  return given
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function json(given: string): unknown {
  try {
    return JSON.parse(given) as unknown;
  } catch {
    return given;
  }
}
