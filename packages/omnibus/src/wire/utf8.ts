/** Texts of at most this many bytes are looked at here first; a call into the host costs more. */
const shortText = 24;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const codesOf: number[][] = Array.from({ length: shortText + 1 }, (_, length) =>
  Array.from({ length }, () => 0),
);

/** The text that `bytes[start, end)` is the UTF-8 of; undefined if it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  const codes = codesOf[end - start];
  if (codes === undefined) return decodeAny(bytes, start, end);
  for (let index = 0, at = start; at < end; index++, at++) {
    const byte = bytes[at] as number;
    if (byte >= 0x80) return decodeAny(bytes, start, end);
    codes[index] = byte;
  }
  return String.fromCharCode.apply(null, codes);
}

function decodeAny(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}
