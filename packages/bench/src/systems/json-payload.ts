/** A JSON text of exactly the payload's length that carries its sequence number. */
export function jsonOf(payload: Uint8Array): string {
  const sequence = Buffer.from(payload.subarray(0, 4)).readUInt32LE().toString().padStart(10, "0");
  const head = `{"n":"${sequence}","x":"`;
  const tail = `"}`;
  return head + "x".repeat(Math.max(0, payload.length - head.length - tail.length)) + tail;
}
