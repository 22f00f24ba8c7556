/** How many bytes the shortest varint of `value` takes. LEB128, unsigned, up to 2^53 - 1. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes the shortest varint of `value` at `at`; returns the offset after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x10000000) {
    bytes[at++] = (rest % 128) | 0x80;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 0x80) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Writes `value` in exactly `width` bytes, longer than need be if it is small. [WIRE-1.2] */
export function writePaddedVarint(
  bytes: Uint8Array,
  at: number,
  value: number,
  width: number,
): void {
  let rest = value;
  for (let n = 1; n < width; n++) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at] = rest;
}
