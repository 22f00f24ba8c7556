import { setFlagsFromString } from "node:v8";

/**
 * Keeps the part of V8's heap that new objects go to as small as it is now. V8 otherwise enlarges it up
 * to 64 MiB and more while programs are loaded, many connections come, or thousands of idle ones are
 * pinged, and does not give it back (ADR 13). For programs that are a server and nothing else: it holds
 * for the whole process. Call it before anything else is loaded, `omnibus/server` included: this module
 * has a subpath of its own for that. Runtimes without V8 ignore it.
 */
export function keepYoungHeapSmall(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
