type Crc32 = (bytes: Uint8Array, seed?: number) => number;
interface HostWithZlib {
  process?: { getBuiltinModule?: (name: string) => { crc32?: Crc32 } | undefined };
}

/** The effect of a byte with no more bytes after it, or one more after those that `before` is for. */
function tableAfter(before?: Int32Array): Int32Array {
  const table = new Int32Array(256);
  for (let n = 0; n < 256; n++) {
    let c = before === undefined ? n : (before[n] as number);
    if (before !== undefined) c = (t0[c & 255] as number) ^ (c >>> 8);
    else for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    table[n] = c;
  }
  return table;
}

// A constant each: a look into a table of tables would cost as much as the sum itself.
const t0 = tableAfter();
const t1 = tableAfter(t0);
const t2 = tableAfter(t1);
const t3 = tableAfter(t2);
const t4 = tableAfter(t3);
const t5 = tableAfter(t4);
const t6 = tableAfter(t5);
const t7 = tableAfter(t6);
const t8 = tableAfter(t7);
const t9 = tableAfter(t8);
const t10 = tableAfter(t9);
const t11 = tableAfter(t10);
const t12 = tableAfter(t11);
const t13 = tableAfter(t12);
const t14 = tableAfter(t13);
const t15 = tableAfter(t14);

/** From this length on it pays to see the memory as words. */
const wordsFromBytes = 16;
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
  if (end - start >= wordsFromBytes) {
    if (bytes !== viewed) {
      viewed = bytes;
      view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    for (; at + 16 <= end; at += 16) {
      const a = crc ^ view.getInt32(at, true);
      const b = view.getInt32(at + 4, true);
      const c = view.getInt32(at + 8, true);
      const d = view.getInt32(at + 12, true);
      // What does not wait for the sum so far comes first.
      crc =
        (t11[b & 255] as number) ^
        (t10[(b >>> 8) & 255] as number) ^
        (t9[(b >>> 16) & 255] as number) ^
        (t8[b >>> 24] as number) ^
        (t7[c & 255] as number) ^
        (t6[(c >>> 8) & 255] as number) ^
        (t5[(c >>> 16) & 255] as number) ^
        (t4[c >>> 24] as number) ^
        (t3[d & 255] as number) ^
        (t2[(d >>> 8) & 255] as number) ^
        (t1[(d >>> 16) & 255] as number) ^
        (t0[d >>> 24] as number) ^
        ((t15[a & 255] as number) ^
          (t14[(a >>> 8) & 255] as number) ^
          (t13[(a >>> 16) & 255] as number) ^
          (t12[a >>> 24] as number));
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
      (t3[a & 255] as number) ^
      (t2[(a >>> 8) & 255] as number) ^
      (t1[(a >>> 16) & 255] as number) ^
      (t0[a >>> 24] as number);
  }
  for (; at < end; at++) crc = (t0[(crc ^ (bytes[at] as number)) & 255] as number) ^ (crc >>> 8);
  return ~crc;
}

/** From this length on the native code is faster. */
const nativeFromBytes = 448;

const native = (globalThis as HostWithZlib).process?.getBuiltinModule?.("node:zlib")?.crc32;

/** CRC-32 (IEEE 802.3) of `bytes[start, end)`: signed; native where the host has it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  if (native === undefined || end - start < nativeFromBytes)
    return crc32Short(bytes, start, end, 0);
  return native(bytes.subarray(start, end)) | 0;
}
