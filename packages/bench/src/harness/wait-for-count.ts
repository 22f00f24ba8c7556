import { monotonicMs, sleepMs } from "./monotonic.ts";

const POLL_MS = 5;
/** A machine under load may pause for long; what is lost does not come at all. */
const STALL_MS = 3000;
/** So long for what must not come: messages beyond the last. */
const AFTER_MS = 20;

/**
 * Waits until `count()` reaches `wanted`, or nothing has come for 3 s; then a little longer, so that
 * duplicates of the last messages are seen as well.
 */
export async function waitForCount(count: () => number, wanted: number): Promise<void> {
  let seen = count();
  let sinceMs = monotonicMs();
  while (seen < wanted && monotonicMs() - sinceMs < STALL_MS) {
    await sleepMs(POLL_MS);
    const now = count();
    if (now !== seen) sinceMs = monotonicMs();
    seen = now;
  }
  await sleepMs(AFTER_MS);
}
