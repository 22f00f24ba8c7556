import { OmnibusError } from "./errors.ts";

/** The longest topic or pattern, in bytes of UTF-8. */
export const maxTopicBytes = 1024;

const slash = 0x2f;
const star = 0x2a;
const dollar = 0x24;

/** A segment that is `*` or `**`. `(?<![^/])` is the beginning of a segment, `(?![^/])` its end. */
const wildcard = /(?<![^/])\*\*?(?![^/])/;

type Kind = "topic" | "pattern";

/** What names must not have, and in which words they are refused; in the order in which it is looked for. */
const faults: readonly (readonly [fault: RegExp, words: string, ofKind?: Kind])[] = [
  [/\p{Cc}/u, "has a control character; none is allowed"],
  [/\p{Cs}/u, "has half of a surrogate pair; none is allowed"],
  [/(?<![^/])(?![^/])/, "has an empty segment; each `/` must stand between two characters"],
  [/(?<![^/])\s/, "has white space before a segment; allowed is some within"],
  [/\s+(?![^/])/, "has white space after a segment; allowed is some within"],
  [wildcard, "has a wildcard; only patterns may have segments `*` and `**`", "topic"],
  [/(?<![^/])\*\*\//, "has `**` before its end; `**` may only be the last segment", "pattern"],
];

/**
 * Checks that `name` can be published to: 1 to 1,024 bytes of UTF-8; segments between `/`, none empty,
 * none with white space (as `String.prototype.trim` sees it) at its ends, none that is exactly `*` or
 * `**`; no control characters (Unicode class Cc), no lone surrogates. Within a longer segment `*` is a
 * plain character, and a leading `$` is allowed. Throws `bad-topic`, which says what is wrong and where.
 */
export function checkTopic(name: string): void {
  checkName("topic", name);
}

/**
 * Checks that `pattern` can be subscribed to: a topic in which any whole segment may be `*` (any one
 * segment) and the last one `**` (one or more segments). Throws `bad-topic` as `checkTopic` does.
 */
export function checkPattern(pattern: string): void {
  checkName("pattern", pattern);
}

/** Whether a valid name has a segment that is a wildcard, so that it can be subscribed to only. */
export function isPattern(name: string): boolean {
  return name.includes("*") && wildcard.test(name);
}

/**
 * Whether a message to `topic` is for subscribers of `pattern`. Both must be valid. A wildcard in first
 * place does not match a topic that begins with `$`.
 */
export function matchesPattern(pattern: string, topic: string): boolean {
  return coversPattern(pattern, topic);
}

/**
 * Whether every topic that `narrower` matches is matched by `wider` too; each may be a topic or a
 * pattern, and must be valid. Patterns so long that the limit of 1,024 bytes decides count as not covered.
 */
export function coversPattern(wider: string, narrower: string): boolean {
  let w = 0;
  let n = 0;
  for (;;) {
    const wEnd = segmentEnd(wider, w);
    const nEnd = segmentEnd(narrower, n);
    const stars = starsIn(wider, w, wEnd);
    if (stars > 0 && n === 0 && narrower.charCodeAt(0) === dollar) return false;
    if (stars === 2) return true;
    if (stars === 1) {
      if (starsIn(narrower, n, nEnd) === 2) return false;
    } else if (!sameSegment(wider, w, wEnd, narrower, n, nEnd)) {
      return false;
    }
    if (wEnd === wider.length || nEnd === narrower.length) {
      return wEnd === wider.length && nEnd === narrower.length;
    }
    w = wEnd + 1;
    n = nEnd + 1;
  }
}

/**
 * Whether some topic is matched by both; each may be a topic or a pattern, and must be valid. Patterns
 * that have only topics of more than 1,024 bytes in common count as intersecting.
 */
export function patternsIntersect(a: string, b: string): boolean {
  let i = 0;
  let j = 0;
  for (;;) {
    const aEnd = segmentEnd(a, i);
    const bEnd = segmentEnd(b, j);
    const aStars = starsIn(a, i, aEnd);
    const bStars = starsIn(b, j, bEnd);
    if (i === 0 && aStars > 0 && b.charCodeAt(0) === dollar) return false;
    if (i === 0 && bStars > 0 && a.charCodeAt(0) === dollar) return false;
    if (aStars === 2 || bStars === 2) return true;
    if (aStars === 0 && bStars === 0 && !sameSegment(a, i, aEnd, b, j, bEnd)) return false;
    if (aEnd === a.length || bEnd === b.length) return aEnd === a.length && bEnd === b.length;
    i = aEnd + 1;
    j = bEnd + 1;
  }
}

/** Whether the name is valid at a glance: short ASCII without white space and asterisks. */
function isPlain(name: string): boolean {
  if (typeof name !== "string") throw new TypeError(`a topic is a string, not ${typeof name}`);
  const length = name.length;
  if (length === 0 || length > maxTopicBytes) return false;
  let previous = slash;
  for (let at = 0; at < length; at++) {
    const code = name.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f || code === star) return false;
    if (code === slash && previous === slash) return false;
    previous = code;
  }
  return previous !== slash;
}

function checkName(kind: Kind, name: string): void {
  if (isPlain(name)) return;
  if (name === "") throw new OmnibusError("bad-topic", `a ${kind} must not be empty`);
  checkLength(kind, name);
  for (const [fault, words, ofKind = kind] of faults) {
    const at = name.search(fault);
    if (at >= 0 && ofKind === kind) fail(kind, name, at, words);
  }
}

function checkLength(kind: Kind, name: string): void {
  let bytes = name.length;
  if (bytes <= maxTopicBytes) bytes = new TextEncoder().encode(name).length;
  if (bytes <= maxTopicBytes) return;
  const counted = name.length > maxTopicBytes ? `at least ${bytes}` : bytes;
  throw new OmnibusError(
    "bad-topic",
    `the ${kind} ${quote(name)} has ${counted} bytes of UTF-8; at most ${maxTopicBytes} are allowed`,
  );
}

function fail(kind: Kind, name: string, at: number, words: string): never {
  const segment = name.slice(0, at).split("/").length;
  const code = name.charCodeAt(at).toString(16).toUpperCase().padStart(4, "0");
  const character = at < name.length ? `U+${code}` : "its end";
  throw new OmnibusError(
    "bad-topic",
    `the ${kind} ${quote(name)} ${words} (${character} in segment ${segment}, at character ${at + 1})`,
  );
}

/** The name in quotes, made printable and not too long. */
function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 77)}...` : name);
}

function segmentEnd(name: string, start: number): number {
  const end = name.indexOf("/", start);
  return end < 0 ? name.length : end;
}

/** 1 if the segment is `*`, 2 if it is `**`, else 0. */
function starsIn(name: string, start: number, end: number): 0 | 1 | 2 {
  if (name.charCodeAt(start) !== star) return 0;
  if (end - start === 1) return 1;
  return end - start === 2 && name.charCodeAt(start + 1) === star ? 2 : 0;
}

/** Six plain arguments, against the house rule: slices or an object would cost more than the look. */
function sameSegment(
  a: string,
  aStart: number,
  aEnd: number,
  b: string,
  bStart: number,
  bEnd: number,
): boolean {
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = aStart, j = bStart; i < aEnd; i++, j++) {
    if (a.charCodeAt(i) !== b.charCodeAt(j)) return false;
  }
  return true;
}
