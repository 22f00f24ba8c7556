/** What the first byte of a connection says about it (DESIGN 13.10). */
export type Opening = "http" | "tls" | "native";

/**
 * HTTP methods begin with an upper-case ASCII letter, TLS records of a handshake with 0x16; native
 * frames begin with neither.
 */
export function openingOf(firstByte: number): Opening {
  if (firstByte >= 0x41 && firstByte <= 0x5a) return "http";
  return firstByte === 0x16 ? "tls" : "native";
}
