import { type Clock, OmnibusError } from "../../base/index.ts";

const windowMs = 60_000;

export interface LoginLimiterOptions {
  readonly clock: Clock;
  /** Failures within a minute. Default: 5. */
  readonly maxFailures?: number;
  /** Pairs of address and user that are watched, those with attempts under way aside. Default: 10,000. */
  readonly maxWatched?: number;
}

/** An attempt that was let through. `ended` must be called once. */
export interface LoginAttempt {
  ended(hasSucceeded: boolean): void;
}

/** What is known of one pair of address and user. */
class Watched {
  /** The moments of failures, the oldest first. */
  failuresMs: number[] = [];
  /** Attempts that were let through and have not ended. */
  underWay = 0;
  /** The same, and those that wait: as long as there are any, all must count here. */
  present = 0;
  lastMs = 0;
  /** Wakes those that wait. */
  readonly waiting: (() => void)[] = [];
}

/**
 * Slows down who guesses passwords: after some failures within a minute no further password of that user
 * is looked at from that address. As long as the attempts under way could all fail and be the last that
 * are allowed, further ones wait for them, so that many at once get no further than one after the other,
 * and many who are right all get in. Beyond `maxWatched` pairs the one that tried longest ago is forgotten.
 */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #maxFailures: number;
  readonly #maxWatched: number;
  /** Who tried longest ago first. */
  readonly #watched = new Map<string, Watched>();

  constructor(options: LoginLimiterOptions) {
    this.#clock = options.clock;
    this.#maxFailures = options.maxFailures ?? 5;
    this.#maxWatched = options.maxWatched ?? 10_000;
  }

  /** How many pairs are watched. */
  get watched(): number {
    return this.#watched.size;
  }

  /**
   * Begins an attempt when it is its turn. Rejects with `too-many` after too many failures. How many may
   * wait is the caller's to bound.
   */
  async begin(address: string, user: string): Promise<LoginAttempt> {
    const key = `${address}\n${user}`;
    const watched = this.#watch(key);
    watched.present++;
    for (;;) {
      const nowMs = this.#clock.nowMs();
      watched.failuresMs = watched.failuresMs.filter((atMs) => nowMs - atMs < windowMs);
      const failures = watched.failuresMs.length;
      if (failures >= this.#maxFailures) {
        watched.present--;
        throw new OmnibusError("too-many", "too many failed logins; wait a minute");
      }
      if (failures + watched.underWay < this.#maxFailures) break;
      await new Promise<void>((resolve) => watched.waiting.push(resolve));
    }
    watched.underWay++;
    return { ended: (hasSucceeded) => this.#ended(key, watched, hasSucceeded) };
  }

  #watch(key: string): Watched {
    const nowMs = this.#clock.nowMs();
    this.#forgetOld(nowMs);
    const watched = this.#watched.get(key) ?? new Watched();
    watched.lastMs = nowMs;
    this.#watched.delete(key);
    for (const [oldest, { present }] of this.#watched) {
      if (this.#watched.size < this.#maxWatched) break;
      if (present === 0) this.#watched.delete(oldest);
    }
    this.#watched.set(key, watched);
    return watched;
  }

  #ended(key: string, watched: Watched, hasSucceeded: boolean): void {
    watched.underWay--;
    watched.present--;
    if (!hasSucceeded) watched.failuresMs.push(this.#clock.nowMs());
    // All look again: there is room for some, or there were too many failures for any.
    for (const wake of watched.waiting.splice(0)) wake();
    if (watched.failuresMs.length === 0 && watched.present === 0) this.#watched.delete(key);
  }

  #forgetOld(nowMs: number): void {
    for (const [key, watched] of this.#watched) {
      if (nowMs - watched.lastMs < windowMs) return;
      if (watched.present === 0) this.#watched.delete(key);
    }
  }
}
