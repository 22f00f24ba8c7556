const slots = 1024;
const maxKeyBytes = 24;

/**
 * The last few hundred names that fields had, found by their bytes. A name takes the place of another
 * one with the same hash, so memory is bounded whatever comes in. Only ASCII of less than 24 bytes.
 */
export class KeyCache {
  readonly #keys: string[] = Array.from({ length: slots }, () => "");
  /** Where the name belongs that was looked for last. */
  #slot = 0;

  /** The name that these bytes spell, if it is known. */
  find(bytes: Uint8Array, start: number, length: number): string | undefined {
    if (length === 0 || length >= maxKeyBytes) return undefined;
    const first = bytes[start] as number;
    const middle = bytes[start + (length >> 1)] as number;
    const last = bytes[start + length - 1] as number;
    const slot = (length * 0x1f + first * 0x25 + middle * 0x83 + last * 0x2b5) & (slots - 1);
    this.#slot = slot;
    const key = this.#keys[slot] as string;
    if (key.length !== length) return undefined;
    for (let index = 0; index < length; index++) {
      if (key.charCodeAt(index) !== bytes[start + index]) return undefined;
    }
    return key;
  }

  /** Remembers the name that was looked for last, decoded from `length` bytes; returns it. */
  keep(key: string, length: number): string {
    // As many units as bytes: ASCII.
    if (length > 0 && length < maxKeyBytes && key.length === length) this.#keys[this.#slot] = key;
    return key;
  }
}
