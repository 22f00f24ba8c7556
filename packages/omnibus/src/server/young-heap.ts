import { setFlagsFromString } from "node:v8";

/**
 * Stops V8 from enlarging the part of the heap that new objects go to, which it otherwise does, up to
 * 64 MiB, while many connections come: memory that never comes back and that counts for more than the
 * connections themselves. Measured with 5,000 subscribed JSON connections: 5.5 instead of 12 KB each,
 * at equal or better throughput.
 *
 * For programs that are a server and nothing else: it holds for the whole process, from now on.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
