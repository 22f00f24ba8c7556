const slots = 1024;
const maxKeyBytes = 24;

/**
 * The last few hundred names that fields had, found by their bytes. A name takes the place of another
 * one with the same hash, so memory is bounded whatever comes in. Only ASCII of less than 24 bytes.
 */
export class KeyCache {
  readonly #keys: string[] = Array.from({ length: slots }, () => "");

  /** The name that these bytes spell, if it is known. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length === 0 || length >= maxKeyBytes) return undefined;
    const slot = slotOf(
      length,
      bytes[start] as number,
      bytes[start + (length >> 1)] as number,
      bytes[start + length - 1] as number,
    );
    const key = this.#keys[slot] as string;
    if (key.length !== length) return undefined;
    for (let index = 0; index < length; index++) {
      if (key.charCodeAt(index) !== bytes[start + index]) return undefined;
    }
    return key;
  }

  /** Remembers a name that was decoded from `length` bytes; returns it. */
  keep(key: string, length: number): string {
    // As many units as bytes: ASCII.
    if (length === 0 || length >= maxKeyBytes || key.length !== length) return key;
    const slot = slotOf(
      length,
      key.charCodeAt(0),
      key.charCodeAt(length >> 1),
      key.charCodeAt(length - 1),
    );
    this.#keys[slot] = key;
    return key;
  }
}

function slotOf(length: number, first: number, middle: number, last: number): number {
  return (length * 0x1f + first * 0x25 + middle * 0x83 + last * 0x2b5) & (slots - 1);
}
