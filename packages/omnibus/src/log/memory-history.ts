import { type Clock, isPattern, matchesPattern } from "../base/index.ts";

/** What the history must know of an entry; the rest is its user's. */
export interface HistoryEntry {
  readonly topic: string;
}

/** How many entries are kept of each topic that a pattern matches. */
export interface HistoryRule {
  readonly pattern: string;
  /** 0 keeps nothing, whatever other rules say. */
  readonly count: number;
}

export interface MemoryHistoryOptions<Entry extends HistoryEntry> {
  readonly clock: Clock;
  /** The bytes that an entry is charged for. Asked once, when it is stored. */
  readonly sizeOf: (entry: Entry) => number;
  /** Entries kept of a topic that no rule matches. Default: 10. */
  readonly countPerTopic?: number;
  /** Topics that are covered from the start, and their counts; the first that matches counts. */
  readonly rules?: readonly HistoryRule[];
  /** Age at which an entry is forgotten, by the wall clock since it was stored. Default: 3,600,000. */
  readonly ttlMs?: number;
  /** Topics with entries or covered by `cover`. Default: 10,000. */
  readonly maxTopics?: number;
  /** The sum of all sizes. Default: 256 MiB. */
  readonly maxBytes?: number;
}

interface Stored<Entry> {
  readonly entry: Entry;
  readonly bytes: number;
  readonly storedAtMs: number;
  /** Grows with every entry that is stored, over all topics. */
  readonly order: number;
}

interface TopicRing<Entry> {
  readonly topic: string;
  readonly count: number;
  isCovered: boolean;
  /** The oldest first. Short, so that `shift` costs nothing worth mentioning. */
  stored: Stored<Entry>[];
}

/**
 * The last few entries of each topic, in memory, bounded in every direction. [JSON-8.1]
 *
 * Each topic has a ring of its last entries, which expire. When there are too many topics, the one used
 * least recently is forgotten with all that it holds; when there are too many bytes, topics used least
 * recently lose their entries, oldest first, and stay covered. Used means: covered, stored to, or asked
 * for by its exact name. An entry of more than `maxBytes` is not stored.
 */
export class MemoryHistory<Entry extends HistoryEntry> {
  readonly #clock: Clock;
  readonly #sizeOf: (entry: Entry) => number;
  readonly #rules: readonly HistoryRule[];
  readonly #countPerTopic: number;
  readonly #ttlMs: number;
  readonly #maxTopics: number;
  readonly #maxBytes: number;
  /** All topics, the least recently used first. */
  readonly #topics = new Map<string, TopicRing<Entry>>();
  /** Those of them that hold entries, in the same order. */
  readonly #filled = new Map<string, TopicRing<Entry>>();
  #latest: TopicRing<Entry> | undefined;
  #order = 0;
  #bytes = 0;
  #entries = 0;
  #version = 1;

  constructor(options: MemoryHistoryOptions<Entry>) {
    this.#clock = options.clock;
    this.#sizeOf = options.sizeOf;
    this.#rules = options.rules ?? [];
    this.#countPerTopic = options.countPerTopic ?? 10;
    this.#ttlMs = options.ttlMs ?? 3_600_000;
    this.#maxTopics = options.maxTopics ?? 10_000;
    this.#maxBytes = options.maxBytes ?? 256 * 1024 * 1024;
  }

  /** Grows whenever `covers` may answer otherwise than before. */
  get version(): number {
    return this.#version;
  }

  /** The sizes of all entries held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many entries are held now. */
  get entries(): number {
    return this.#entries;
  }

  /** How many topics are covered by `cover` or hold entries. */
  get topics(): number {
    return this.#topics.size;
  }

  /** Whether entries of this topic are stored: by a rule, or since `cover`. */
  covers(topic: string): boolean {
    const rule = this.#ruleFor(topic);
    if (rule !== undefined) return rule.count > 0;
    return this.#topics.get(topic)?.isCovered ?? false;
  }

  /** From now on entries of this topic are stored, as long as it is among the topics used last. */
  cover(topic: string): void {
    const known = this.#topics.get(topic);
    if (known !== undefined) {
      this.#use(known);
      return;
    }
    const count = this.#countFor(topic);
    if (count === 0) return;
    const isCovered = this.#ruleFor(topic) === undefined;
    this.#add({ topic, count, isCovered, stored: [] });
    if (isCovered) this.#version++;
  }

  /** Stores an entry, if its topic is covered. */
  append(entry: Entry): void {
    const topic = entry.topic;
    const bytes = this.#sizeOf(entry);
    if (bytes > this.#maxBytes) return;
    let ring = this.#latest?.topic === topic ? this.#latest : this.#topics.get(topic);
    if (ring === undefined) {
      if (!this.covers(topic)) return;
      ring = { topic, count: this.#countFor(topic), isCovered: false, stored: [] };
      this.#add(ring);
    }
    const storedAtMs = this.#clock.wallMs();
    if (ring.stored.length >= ring.count) this.#dropOldest(ring);
    ring.stored.push({ entry, bytes, storedAtMs, order: this.#order++ });
    this.#bytes += bytes;
    this.#entries++;
    this.#use(ring);
    this.#expireSome();
    this.#keepWithinBytes(ring);
  }

  /**
   * The last `count` entries of each covered topic that `pattern` matches, in the order in which they
   * were stored.
   */
  last(pattern: string, count: number): Entry[] {
    if (!(count > 0)) return [];
    const found: Stored<Entry>[] = [];
    if (isPattern(pattern)) {
      for (const ring of this.#filled.values()) {
        if (matchesPattern(pattern, ring.topic)) this.#take(ring, count, found);
      }
      found.sort((a, b) => a.order - b.order);
    } else {
      const ring = this.#topics.get(pattern);
      if (ring !== undefined) {
        this.#use(ring);
        this.#take(ring, count, found);
      }
    }
    return found.map((stored) => stored.entry);
  }

  /** Forgets all that has expired. What has is never given out; this only frees its memory sooner. */
  expire(): void {
    for (const ring of this.#filled.values()) this.#dropExpired(ring);
  }

  #take(ring: TopicRing<Entry>, count: number, into: Stored<Entry>[]): void {
    this.#dropExpired(ring);
    for (const stored of ring.stored.slice(-count)) into.push(stored);
  }

  #ruleFor(topic: string): HistoryRule | undefined {
    for (const rule of this.#rules) if (matchesPattern(rule.pattern, topic)) return rule;
    return undefined;
  }

  #countFor(topic: string): number {
    return this.#ruleFor(topic)?.count ?? this.#countPerTopic;
  }

  #add(ring: TopicRing<Entry>): void {
    if (this.#topics.size >= this.#maxTopics) {
      for (const oldest of this.#topics.values()) {
        this.#forget(oldest);
        break;
      }
    }
    this.#topics.set(ring.topic, ring);
    this.#latest = ring;
  }

  #forget(ring: TopicRing<Entry>): void {
    while (ring.stored.length > 0) this.#dropOldest(ring);
    this.#topics.delete(ring.topic);
    if (this.#latest === ring) this.#latest = undefined;
    if (ring.isCovered) this.#version++;
  }

  /** Puts a topic at the end of both orders. */
  #use(ring: TopicRing<Entry>): void {
    const isFilled = ring.stored.length > 0;
    if (this.#latest === ring && this.#filled.has(ring.topic) === isFilled) return;
    this.#latest = ring;
    this.#topics.delete(ring.topic);
    this.#topics.set(ring.topic, ring);
    this.#filled.delete(ring.topic);
    if (isFilled) this.#filled.set(ring.topic, ring);
  }

  #dropOldest(ring: TopicRing<Entry>): void {
    const oldest = ring.stored.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    this.#entries--;
    if (ring.stored.length === 0) this.#filled.delete(ring.topic);
  }

  #dropExpired(ring: TopicRing<Entry>): void {
    const nowMs = this.#clock.wallMs();
    for (;;) {
      const oldest = ring.stored[0];
      if (oldest === undefined || nowMs - oldest.storedAtMs < this.#ttlMs) return;
      this.#dropOldest(ring);
    }
  }

  /** Looks at the topic used least recently, so that steady traffic frees what stands still. */
  #expireSome(): void {
    for (const ring of this.#filled.values()) {
      this.#dropExpired(ring);
      return;
    }
  }

  #keepWithinBytes(latest: TopicRing<Entry>): void {
    while (this.#bytes > this.#maxBytes) {
      let oldest = latest;
      for (const ring of this.#filled.values()) {
        oldest = ring;
        break;
      }
      this.#dropOldest(oldest);
    }
  }
}
