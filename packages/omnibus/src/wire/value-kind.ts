/** Arrays, objects, maps and sets may be nested at most this deep. */
export const maxValueDepth = 64;

/** The most bytes that the magnitude of a bigint may have: more would be slow to turn into text. */
export const maxBigintBytes = 65_536;

/** What a walk over a value throws where it meets something that cannot travel; the message says what. */
export class Unsendable extends Error {}

/** What an object is as a value that travels. */
export type ValueKind = "array" | "object" | "map" | "set" | "date" | "bytes";

/**
 * What `value` is. Arrays, maps, sets and dates must be of those classes themselves and objects plain
 * (their prototype is `Object.prototype` or null, and they have no symbols for names); bytes are a
 * `Uint8Array` or a subclass, such as `Buffer`. Throws `Unsendable` for anything else.
 */
export function kindOf(value: object): ValueKind {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    if (Object.getOwnPropertySymbols(value).length > 0) {
      throw new Unsendable("an object with a symbol for a field's name");
    }
    return "object";
  }
  if (prototype === Array.prototype && Array.isArray(value)) return "array";
  if (value instanceof Uint8Array) return "bytes";
  if (prototype === Map.prototype && value instanceof Map) return "map";
  if (prototype === Set.prototype && value instanceof Set) return "set";
  if (prototype === Date.prototype && value instanceof Date) return "date";
  throw new Unsendable(`an instance of ${classNameOf(prototype)}`);
}

/** The milliseconds of a date. Throws `Unsendable` if it is invalid. */
export function timeOf(date: Date): number {
  const ms = date.getTime();
  if (Number.isNaN(ms)) throw new Unsendable("an invalid Date");
  return ms;
}

/** Throws `Unsendable` if a text has half of a surrogate pair, which UTF-8 cannot say. */
export function checkText(text: string): void {
  if (!text.isWellFormed()) throw new Unsendable("a text with half of a surrogate pair");
}

/** Throws `Unsendable` if a container at this depth (0: the value itself) is one too deep. */
export function checkDepth(depth: number): void {
  if (depth >= maxValueDepth)
    throw new Unsendable(`a value nested more than ${maxValueDepth} deep`);
}

function classNameOf(prototype: unknown): string {
  const { constructor } = prototype as { constructor?: unknown };
  return typeof constructor === "function" && constructor.name !== ""
    ? constructor.name
    : "a class";
}
