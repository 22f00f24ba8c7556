import { type Clock, matchesPattern } from "../../base/index.ts";

export interface UnacknowledgedOptions {
  readonly clock: Clock;
  /** How long a client may stay away; longer than the history remembers makes no sense. Default: 3,600,000. */
  readonly ttlMs?: number;
  /** Ids remembered of one principal. Default: 4,096. */
  readonly maxPerPrincipal?: number;
  /** Ids remembered in all. Default: 100,000. */
  readonly maxInAll?: number;
}

interface Absent {
  /** Ids by topic, in the order in which they were remembered. */
  readonly topics: Map<string, Set<string>>;
  count: number;
  lastMs: number;
}

/** One for all who left nothing: a subscription keeps what it is given. */
const nothing: ReadonlyMap<string, ReadonlySet<string>> = new Map();

/**
 * Which messages were sent to whom and never acknowledged, so that they can be sent again to who comes
 * back. Only ids are kept; the messages are the history's. [JSON-7.7]
 *
 * A returning client is known by its principal and the topics that it subscribes to, since nothing else
 * of it outlives the connection. Two clients of one user are therefore one: either may be sent again
 * what the other left. Whoever shares a principal with strangers (`anonymous:...`) is not remembered.
 *
 * Bounds: what goes beyond a principal's share is not remembered; beyond the whole, the principals that
 * left longest ago are forgotten.
 */
export class Unacknowledged {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #maxPerPrincipal: number;
  readonly #maxInAll: number;
  /** By principal, who left longest ago first. */
  readonly #absent = new Map<string, Absent>();
  #count = 0;

  constructor(options: UnacknowledgedOptions) {
    this.#clock = options.clock;
    this.#ttlMs = options.ttlMs ?? 3_600_000;
    this.#maxPerPrincipal = options.maxPerPrincipal ?? 4096;
    this.#maxInAll = options.maxInAll ?? 100_000;
  }

  /** How many ids are remembered. */
  get count(): number {
    return this.#count;
  }

  remember(principal: string, topic: string, id: string): void {
    if (principal.startsWith("anonymous:")) return;
    const nowMs = this.#clock.nowMs();
    this.#forgetOld(nowMs);
    const absent = this.#absent.get(principal) ?? { topics: new Map(), count: 0, lastMs: nowMs };
    if (absent.count >= this.#maxPerPrincipal) return;
    const ids = absent.topics.get(topic) ?? new Set();
    if (ids.has(id)) return;
    ids.add(id);
    absent.topics.set(topic, ids);
    absent.count++;
    absent.lastMs = nowMs;
    this.#count++;
    this.#absent.delete(principal);
    this.#absent.set(principal, absent);
    for (const oldest of this.#absent.keys()) {
      if (this.#count <= this.#maxInAll) break;
      this.#forget(oldest);
    }
  }

  /** Gives out, and forgets, the ids that this principal left unacknowledged at topics that match. */
  take(principal: string, pattern: string): ReadonlyMap<string, ReadonlySet<string>> {
    this.#forgetOld(this.#clock.nowMs());
    const absent = this.#absent.get(principal);
    if (absent === undefined) return nothing;
    const taken = new Map<string, ReadonlySet<string>>();
    for (const [topic, ids] of absent.topics) {
      if (!matchesPattern(pattern, topic)) continue;
      taken.set(topic, ids);
      absent.topics.delete(topic);
      absent.count -= ids.size;
      this.#count -= ids.size;
    }
    if (absent.count === 0) this.#absent.delete(principal);
    return taken.size === 0 ? nothing : taken;
  }

  #forgetOld(nowMs: number): void {
    for (const [principal, absent] of this.#absent) {
      if (nowMs - absent.lastMs < this.#ttlMs) return;
      this.#forget(principal);
    }
  }

  #forget(principal: string): void {
    this.#count -= this.#absent.get(principal)?.count ?? 0;
    this.#absent.delete(principal);
  }
}
