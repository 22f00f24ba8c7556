const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** What one look over the text of an envelope finds out. */
export interface EnvelopeScan {
  /** Whether it is nested more than `maxDepth` deep. Then the rest is not known. */
  readonly isTooDeep: boolean;
  /** The text of the value of the last `payload` in the outermost object, if there is one. */
  readonly payload: string | undefined;
}

/**
 * Looks over a JSON text once, without building values: how deep it is nested, and which part of it is
 * the payload. So the payload travels as its publisher wrote it (numbers of any size keep all digits)
 * and is never turned into text again. For a text that is not JSON the result means nothing; any text
 * is safe.
 */
export function scanEnvelope(text: string, maxDepth: number): EnvelopeScan {
  let depth = 0;
  let isKeyNext = false;
  let isPayload = false;
  let valueStart = 0;
  let payload: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = stringEnd(text, at);
      if (depth === 1 && isKeyNext) {
        isPayload = isPayloadKey(text, at, end);
        isKeyNext = false;
      }
      at = end - 1;
    } else if (code === openBrace || code === openBracket) {
      if (++depth > maxDepth) return { isTooDeep: true, payload: undefined };
      if (depth === 1) isKeyNext = code === openBrace;
    } else if (code === colon) {
      if (depth === 1) valueStart = at + 1;
    } else if (code === comma || code === closeBrace || code === closeBracket) {
      if (depth === 1) {
        if (isPayload) payload = text.slice(valueStart, at).trim();
        isPayload = false;
        isKeyNext = true;
      }
      if (code !== comma) depth--;
    }
  }
  return { isTooDeep: false, payload };
}

/** Where the string that begins at `start` ends, its closing quote included. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) return at + 1;
    if (code === backslash) at++;
  }
  return text.length;
}

function isPayloadKey(text: string, start: number, end: number): boolean {
  const key = text.slice(start, end);
  if (key === '"payload"') return true;
  if (!key.includes("\\") || key.length > 64) return false;
  try {
    return JSON.parse(key) === "payload";
  } catch {
    return false;
  }
}
