/** A place within a message that the middle fills as it likes, within an alphabet. */
export interface Hole {
  /** Offset of its first byte within the message. */
  readonly start: number;
  readonly length: number;
  /** 1 for each byte that may stand there. */
  readonly alphabet: Uint8Array;
}

/** For clocks. */
export const DIGITS: Uint8Array = alphabetOf("0123456789");
/** For ids. */
export const UUID_LETTERS: Uint8Array = alphabetOf("0123456789abcdef-");

/** The hole where `text` stands in `message`; throws RangeError if it does not. */
export function holeAt(message: Uint8Array, text: string, alphabet: Uint8Array): Hole {
  const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
  const start = bytes.indexOf(text);
  if (start < 0) throw new RangeError(`no ${text} in the message`);
  return { start, length: text.length, alphabet };
}

/** A part of a chunk: `offset` is the place within a message at which it begins. */
export interface Range {
  readonly from: number;
  readonly length: number;
  readonly offset: number;
}

interface Holed {
  readonly bytes: Uint8Array;
  readonly messageBytes: number;
  readonly holes: readonly Hole[];
}

/**
 * Checks what stands in the holes of the messages of a range and writes the pattern's bytes there, so
 * that the whole range can be compared at once. Stops before a message that begins with `stop`; gives
 * how many bytes it reached, and what was wrong in a hole.
 */
export function skipHoles(
  chunk: Uint8Array,
  { from, length, offset }: Range,
  { bytes, messageBytes, holes }: Holed,
  stop: number | undefined,
): { reached: number; fault: string | undefined } {
  const end = from + length;
  let fault: string | undefined;
  for (let message = from - offset; message < end; message += messageBytes) {
    if (message >= from && chunk[message] === stop) return { reached: message - from, fault };
    for (const { start, length: holeLength, alphabet } of holes) {
      const last = Math.min(end, message + start + holeLength);
      for (let at = Math.max(from, message + start); at < last; at += 1) {
        if (alphabet[chunk[at] ?? 0] !== 1) fault = "corrupted";
        // Every message of the pattern has the same in its holes as the first.
        chunk[at] = bytes[at - message] ?? 0;
      }
    }
  }
  return { reached: length, fault };
}

function alphabetOf(letters: string): Uint8Array {
  const alphabet = new Uint8Array(256);
  for (const letter of Buffer.from(letters)) alphabet[letter] = 1;
  return alphabet;
}
