const TRIES = 100;

/** What turns this process's `performance.now()` into the machine's monotonic clock. */
const OFFSET_MS: number = offsetMs();

/** The process may lose its core between two readings, which makes a difference too small: take the largest. */
function offsetMs(): number {
  let best = Number.NEGATIVE_INFINITY;
  for (let left = TRIES; left > 0; left -= 1) {
    const [seconds, nanoseconds] = process.hrtime();
    best = Math.max(best, seconds * 1e3 + nanoseconds / 1e6 - performance.now());
  }
  return best;
}

/**
 * Milliseconds on the machine's monotonic clock, with fractions: the same clock in every process, so
 * that a time taken by the publisher can be compared with one taken by the subscriber.
 */
export function monotonicMs(): number {
  return performance.now() + OFFSET_MS;
}

/** Resolves after at least `delayMs`. */
export function sleepMs(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Resolves when this turn of the event loop has done its reading and writing. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What `promise` resolves to, or an error that says what was waited for in vain. */
export async function within<T>(promise: Promise<T>, limitMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
