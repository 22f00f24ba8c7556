type Crc32 = (bytes: Uint8Array, seed?: number) => number;
interface HostWithZlib {
  process?: { getBuiltinModule?: (name: string) => { crc32?: Crc32 } | undefined };
}

const table = new Int32Array(256);
for (let n = 0; n < 256; n++) {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  table[n] = c;
}

/**
 * CRC-32 (IEEE 802.3) of `bytes[start, end)`, carried on from `seed`, one byte at a time. The right one
 * for a few dozen bytes, where a call into native code would cost more than the sum.
 */
export function crc32Short(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  for (let at = start; at < end; at++) {
    crc = (table[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

const native = (globalThis as HostWithZlib).process?.getBuiltinModule?.("node:zlib")?.crc32;

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`: native where the host has it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (native === undefined || end - start < 48) return crc32Short(bytes, start, end, 0);
  return native(bytes.subarray(start, end)) >>> 0;
}
