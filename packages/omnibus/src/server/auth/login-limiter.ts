import { type Clock, OmnibusError } from "../../base/index.ts";

const windowMs = 60_000;

export interface LoginLimiterOptions {
  readonly clock: Clock;
  /** Failures within a minute. Default: 5. */
  readonly maxFailures?: number;
  /** Pairs of address and user that are watched. Default: 10,000. */
  readonly maxWatched?: number;
}

/**
 * Slows down who guesses passwords: after some failures within a minute no further password of that user
 * is looked at from that address. Attempts under way count as failures until they succeed, so that many
 * at once get no further than one after the other. Beyond `maxWatched` pairs the one that tried longest
 * ago is forgotten.
 */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #maxFailures: number;
  readonly #maxWatched: number;
  /** The moments of attempts that failed or are under way, who tried longest ago first. */
  readonly #attempts = new Map<string, number[]>();

  constructor(options: LoginLimiterOptions) {
    this.#clock = options.clock;
    this.#maxFailures = options.maxFailures ?? 5;
    this.#maxWatched = options.maxWatched ?? 10_000;
  }

  /** How many pairs are watched. */
  get watched(): number {
    return this.#attempts.size;
  }

  /** Begins an attempt; the returned function says that it succeeded. Throws `too-many`. */
  begin(address: string, user: string): () => void {
    const key = `${address}\n${user}`;
    const nowMs = this.#clock.nowMs();
    this.#forgetOld(nowMs);
    const attempts = (this.#attempts.get(key) ?? []).filter((atMs) => nowMs - atMs < windowMs);
    if (attempts.length >= this.#maxFailures) {
      throw new OmnibusError("too-many", "too many failed logins; wait a minute");
    }
    attempts.push(nowMs);
    this.#attempts.delete(key);
    this.#attempts.set(key, attempts);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= this.#maxWatched) break;
      this.#attempts.delete(oldest);
    }
    return () => {
      const left = this.#attempts.get(key);
      const at = left?.indexOf(nowMs) ?? -1;
      if (left === undefined || at < 0) return;
      left.splice(at, 1);
      if (left.length === 0) this.#attempts.delete(key);
    };
  }

  #forgetOld(nowMs: number): void {
    for (const [key, attempts] of this.#attempts) {
      const lastMs = attempts.at(-1) ?? 0;
      if (nowMs - lastMs < windowMs) return;
      this.#attempts.delete(key);
    }
  }
}
