type Crc32 = (bytes: Uint8Array, seed?: number) => number;
interface HostWithZlib {
  process?: { getBuiltinModule?: (name: string) => { crc32?: Crc32 } | undefined };
}

/** How many bytes are taken in one step. */
const sliceBytes = 16;
/** From this length on the native code is faster. */
const nativeFromBytes = 448;

/**
 * The effects of bytes on the sum, in one table, a look into which costs less than one into several: 256
 * entries for the last byte of a slice, then for the one before it, and so on.
 */
const effects: Int32Array = /* @__PURE__ */ buildEffects();

function buildEffects(): Int32Array {
  const table = new Int32Array(sliceBytes * 256);
  for (let n = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  for (let n = 256; n < table.length; n++) {
    const before = table[n - 256] as number;
    table[n] = (table[before & 255] as number) ^ (before >>> 8);
  }
  return table;
}

/** How the memory that was summed last is read word by word: most often it is the next one's too. */
let viewed: Uint8Array = new Uint8Array(0);
let view = new DataView(viewed.buffer);

/**
 * CRC-32 (IEEE 802.3) of `bytes[start, end)` as a signed integer of 32 bits, carried on from `seed`;
 * sixteen bytes at a time (slicing-by-16, after Kounavis and Berry, 2005). The right one for a few hundred
 * bytes, where a call into native code would cost more than the sum.
 */
export function crc32Short(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let crc = ~seed;
  let at = start;
  if (end - start >= sliceBytes) {
    if (bytes !== viewed) {
      viewed = bytes;
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    for (; at + sliceBytes <= end; at += sliceBytes) {
      const a = crc ^ view.getInt32(at, true);
      const b = view.getInt32(at + 4, true);
      const c = view.getInt32(at + 8, true);
      const d = view.getInt32(at + 12, true);
      // What does not wait for the sum so far comes first.
      crc =
        (effects[0xb00 | (b & 255)] as number) ^
        (effects[0xa00 | ((b >>> 8) & 255)] as number) ^
        (effects[0x900 | ((b >>> 16) & 255)] as number) ^
        (effects[0x800 | (b >>> 24)] as number) ^
        (effects[0x700 | (c & 255)] as number) ^
        (effects[0x600 | ((c >>> 8) & 255)] as number) ^
        (effects[0x500 | ((c >>> 16) & 255)] as number) ^
        (effects[0x400 | (c >>> 24)] as number) ^
        (effects[0x300 | (d & 255)] as number) ^
        (effects[0x200 | ((d >>> 8) & 255)] as number) ^
        (effects[0x100 | ((d >>> 16) & 255)] as number) ^
        (effects[d >>> 24] as number) ^
        ((effects[0xf00 | (a & 255)] as number) ^
          (effects[0xe00 | ((a >>> 8) & 255)] as number) ^
          (effects[0xd00 | ((a >>> 16) & 255)] as number) ^
          (effects[0xc00 | (a >>> 24)] as number));
    }
  }
  for (; at + 4 <= end; at += 4) {
    const a =
      crc ^
      ((bytes[at] as number) |
        ((bytes[at + 1] as number) << 8) |
        ((bytes[at + 2] as number) << 16) |
        ((bytes[at + 3] as number) << 24));
    crc =
      (effects[0x300 | (a & 255)] as number) ^
      (effects[0x200 | ((a >>> 8) & 255)] as number) ^
      (effects[0x100 | ((a >>> 16) & 255)] as number) ^
      (effects[a >>> 24] as number);
  }
  for (; at < end; at++)
    crc = (effects[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc;
}

const native = (globalThis as HostWithZlib).process?.getBuiltinModule?.("node:zlib")?.crc32;

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`: signed; native where the host has it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (native === undefined || end - start < nativeFromBytes)
    return crc32Short(bytes, start, end, 0);
  return native(bytes.subarray(start, end)) | 0;
}
