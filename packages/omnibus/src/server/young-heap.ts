import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Less makes messages old that only wait for a flush, and others late; more is held by idle servers. */
const enoughBytes = 8_388_608;
/** Objects that are made at once, and kept at most: what survives makes V8 enlarge it. */
const objectsAtOnce = 2000;
const maxObjects = 40_000;
/** It is tried so often at most, where V8 does otherwise than we know. */
const maxRounds = 100;

/**
 * Gives the part of V8's heap that new objects go to 8 MiB, and keeps it there. V8 otherwise enlarges it
 * up to 64 MiB and more while programs are loaded, many connections come, or thousands of idle ones are
 * pinged, and does not give it back (ADR 13). For programs that are a server and nothing else: it holds
 * for the whole process. Takes some 10 ms. Call it before anything else is loaded, `omnibus/server`
 * included: this module has a subpath of its own for that. Runtimes without V8 ignore it.
 */
export function keepYoungHeapSmall(): void {
  let kept: object[] = [];
  for (let round = 0; round < maxRounds && youngBytes() < enoughBytes; round++) {
    if (kept.length >= maxObjects) kept = [];
    for (let n = 0; n < objectsAtOnce; n++) kept.push({ n, list: [n] });
  }
  setFlagsFromString("--semi-space-growth-factor=1");
}

function youngBytes(): number {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space");
  return young?.space_size ?? enoughBytes;
}
