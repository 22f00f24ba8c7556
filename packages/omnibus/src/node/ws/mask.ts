import { endianness } from "node:os";

const isLittleEndian = endianness() === "LE";
/** Below this a view costs more than it saves. */
const minWordBytes = 64;

// The words over the memory that was unmasked last: reads come from one shared buffer most of the time.
let wordsOf: ArrayBufferLike | undefined;
let words: Int32Array = new Int32Array(0);

function wordsOver(memory: ArrayBufferLike): Int32Array {
  if (memory !== wordsOf) {
    wordsOf = memory;
    words = new Int32Array(memory, 0, memory.byteLength >>> 2);
  }
  return words;
}

function byByte(bytes: Uint8Array, start: number, end: number, key: number): void {
  for (let at = start, bits = 0; at < end; at++, bits = (bits + 8) & 31) {
    bytes[at] = (bytes[at] as number) ^ (key >>> bits);
  }
}

/** The masking key as it applies from `offset` bytes further on. */
export function rotateKey(key: number, offset: number): number {
  const bits = (offset & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

/**
 * Masks or unmasks `bytes[start, end)` in place (RFC 6455, 5.3), four bytes at a time. `key` is the
 * masking key read as a little-endian 32-bit integer, rotated if `start` is not the payload's start.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): void {
  if (end - start < minWordBytes || !isLittleEndian) {
    byByte(bytes, start, end, key);
    return;
  }
  const base = bytes.byteOffset;
  const unaligned = -(base + start) & 3;
  byByte(bytes, start, start + unaligned, key);
  const wordKey = rotateKey(key, unaligned);
  const view = wordsOver(bytes.buffer);
  const lastWord = (base + end) >>> 2;
  for (let at = (base + start + unaligned) >>> 2; at < lastWord; at++) {
    view[at] = (view[at] as number) ^ wordKey;
  }
  byByte(bytes, (lastWord << 2) - base, end, wordKey);
}
