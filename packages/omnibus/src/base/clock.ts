/** A timer that was asked for. */
export interface Timer {
  /** Forgets the timer. Harmless when it has fired already. */
  cancel(): void;
}

/**
 * Time as the library sees it. Nothing else in the library reads a clock or sets a timer, so tests and
 * the simulator decide what time it is.
 */
export interface Clock {
  /** Milliseconds since some fixed moment; never goes back. */
  nowMs(): number;
  /** Milliseconds since 1970 (UTC); may jump. For people and for `time` fields only. */
  wallMs(): number;
  /**
   * Calls `fire` once, `delayMs` from now (0 to 2^31-1). Keeps the process alive until then only if
   * `isKeepingAlive`.
   */
  setTimer(delayMs: number, fire: () => void, options?: { isKeepingAlive?: boolean }): Timer;
  /** Calls `fire` when this turn of the event loop has read what it had to read. */
  atTickEnd(fire: () => void): void;
  /** Calls `fire` as soon as the running call stack is empty. */
  soon(fire: () => void): void;
}

type Unrefable = { unref?: () => void };
interface HostGlobals {
  setImmediate?: (fire: () => void) => unknown;
}

const setImmediateOfHost = (globalThis as HostGlobals).setImmediate;

function channelTickEnd(): (fire: () => void) => void {
  const waiting: (() => void)[] = [];
  const channel = new MessageChannel();
  channel.port1.onmessage = (): void => {
    const fire = waiting.shift();
    if (fire !== undefined) fire();
  };
  return (fire): void => {
    waiting.push(fire);
    channel.port2.postMessage(0);
  };
}

/** The clock of the machine. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  setTimer(delayMs, fire, options) {
    const handle = setTimeout(fire, delayMs);
    if (options?.isKeepingAlive !== true) (handle as Unrefable).unref?.();
    return { cancel: () => clearTimeout(handle) };
  },
  atTickEnd: setImmediateOfHost ?? channelTickEnd(),
  soon: (fire) => queueMicrotask(fire),
};
