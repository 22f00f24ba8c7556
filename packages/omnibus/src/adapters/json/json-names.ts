/**
 * The reversible escape between names as JSON clients write them and topics as the bus takes them.
 * Clauses: protocol/names.md. Segments are treated one by one, so that patterns match alike on both
 * sides; a segment that the bus takes stays as it is, unless it looks like an escaped one.
 */

const plain = /^[!-$&-.0-~]+(?:\/[!-$&-.0-~]+)*$/;
const unfit = /[\p{Cc}\p{Cs}]/u;
const escapes = /%(?:([0-9A-F]{2})|u([0-9A-F]{4}))/g;
const emptySegment = "%_";

/** The topic or pattern of the bus for a name of a JSON client. It may still be too long, or misplace a wildcard. */
export function toBusName(name: string): string {
  if (plain.test(name)) return name;
  return name.split("/").map(escapeSegment).join("/");
}

/** The name for JSON clients of a topic of the bus. `toBusName` gives the topic back. */
export function toJsonName(topic: string): string {
  if (!topic.includes("%")) return topic;
  return topic.split("/").map(unescapeSegment).join("/");
}

// [NAMES-2.1]
function escapeSegment(segment: string): string {
  return needsEscape(segment) ? encode(segment) : segment;
}

// [NAMES-2.4]
function unescapeSegment(segment: string): string {
  return isEscaped(segment) ? (decode(segment) ?? segment) : segment;
}

// [NAMES-2.2]
function needsEscape(segment: string): boolean {
  if (segment === "" || segment.trim() !== segment || unfit.test(segment)) return true;
  return isEscaped(segment);
}

/** Whether this is exactly what `encode` makes of a segment that needs it. */
function isEscaped(segment: string): boolean {
  if (!segment.includes("%")) return false;
  const original = decode(segment);
  return original !== undefined && encode(original) === segment && needsEscape(original);
}

// [NAMES-2.3]
function encode(segment: string): string {
  if (segment === "") return emptySegment;
  const frontEnd = segment.length - segment.trimStart().length;
  const backStart = segment.trimEnd().length;
  let encoded = "";
  for (let at = 0; at < segment.length; at++) {
    const isOuterSpace = at < frontEnd || at >= backStart;
    const character = String.fromCodePoint(segment.codePointAt(at) ?? 0);
    if (character === "%" || isOuterSpace || unfit.test(character))
      encoded += escapeUnit(segment, at);
    else encoded += character;
    at += character.length - 1;
  }
  return encoded;
}

function escapeUnit(segment: string, at: number): string {
  const unit = segment.charCodeAt(at);
  const hex = unit.toString(16).toUpperCase();
  return unit < 0x100 ? `%${hex.padStart(2, "0")}` : `%u${hex.padStart(4, "0")}`;
}

function decode(segment: string): string | undefined {
  if (segment === emptySegment) return "";
  if (segment.replace(escapes, "").includes("%")) return undefined;
  return segment.replace(escapes, (_all, short?: string, long?: string) =>
    String.fromCharCode(Number.parseInt(short ?? long ?? "", 16)),
  );
}
