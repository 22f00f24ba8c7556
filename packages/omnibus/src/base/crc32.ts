type Crc32 = (bytes: Uint8Array, seed?: number) => number;
interface HostWithZlib {
  process?: { getBuiltinModule?: (name: string) => { crc32?: Crc32 } | undefined };
}

/** Eight tables behind one another: table k gives the effect of a byte with k more bytes after it. */
const table = new Int32Array(8 * 256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  table[n] = c;
}
for (let n = 256; n < table.length; n++) {
  const before = table[n - 256] as number;
  table[n] = (table[before & 255] as number) ^ (before >>> 8);
}

/** The effect of byte `value` with `following` more bytes (0 to 7) after it. */
function look(following: number, value: number): number {
  return table[following * 256 + (value & 255)] as number;
}

/**
 * CRC-32 (IEEE 802.3) of `bytes[start, end)`, carried on from `seed`, eight bytes at a time (slicing-by-8,
 * Kounavis and Berry, 2005). The right one for a few hundred bytes, where a call into native code would
 * cost more than the sum.
 */
export function crc32Short(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const first =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      look(7, first) ^
      look(6, first >>> 8) ^
      look(5, first >>> 16) ^
      look(4, first >>> 24) ^
      look(3, bytes[at + 4] as number) ^
      look(2, bytes[at + 5] as number) ^
      look(1, bytes[at + 6] as number) ^
      look(0, bytes[at + 7] as number);
  }
  for (; at < end; at++) crc = look(0, crc ^ (bytes[at] as number)) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** From this length on the native code is faster. */
const nativeFromBytes = 384;

const native = (globalThis as HostWithZlib).process?.getBuiltinModule?.("node:zlib")?.crc32;

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`: native where the host has it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (native === undefined || end - start < nativeFromBytes)
    return crc32Short(bytes, start, end, 0);
  return native(bytes.subarray(start, end)) >>> 0;
}
