import { type Realm, realmNumber, TopicTrie } from "../base/index.ts";
import type { Address } from "../wire/index.ts";

/** What routing sends through: a neighbour, as far as routing is concerned. */
export interface Face {
  /** The realm of the link to it. */
  readonly realm: Realm;
}

/** One statement that a neighbour receives. */
interface Interest<F extends Face> {
  readonly face: F;
  readonly pattern: string;
  /** How often the neighbour has stated it. */
  count: number;
}

/** The neighbours that get the messages of one address. */
export interface Targets<F extends Face> {
  readonly faces: readonly F[];
  /** The widest realm of a link among them; a message of a narrower one does not go to all. */
  readonly widestRealm: number;
}

const nowhere: Targets<never> = { faces: [], widestRealm: 0 };

/**
 * Which neighbours want what. A pure table: it is told of interests and asked for targets; answers are
 * kept for each address until the table changes.
 */
export class Router<F extends Face> {
  readonly #interests = new TopicTrie<Interest<F>>();
  readonly #byFace = new Map<F, Map<string, Interest<F>>>();
  readonly #cache: ({ version: number; address: Address; targets: Targets<F> } | undefined)[] = [];
  /** Grows with each change. */
  version = 1;
  readonly #mayReceive: (face: F, topic: string) => boolean;

  /** `mayReceive` says whether a neighbour may be given messages of a topic; asked anew after each change. */
  constructor(mayReceive: (face: F, topic: string) => boolean) {
    this.#mayReceive = mayReceive;
  }

  /** How many interests a neighbour has stated. */
  interestCount(face: F): number {
    return this.#byFace.get(face)?.size ?? 0;
  }

  /** Whether a neighbour has stated that interest. */
  has(face: F, pattern: string): boolean {
    return this.#byFace.get(face)?.has(pattern) ?? false;
  }

  /** A neighbour wants what matches `pattern`. Stating it twice needs taking it back twice. */
  add(face: F, pattern: string): void {
    let interests = this.#byFace.get(face);
    if (interests === undefined) {
      interests = new Map();
      this.#byFace.set(face, interests);
    }
    const known = interests.get(pattern);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const interest: Interest<F> = { face, pattern, count: 1 };
    interests.set(pattern, interest);
    this.#interests.add(pattern, interest);
    this.version++;
  }

  /** A neighbour no longer wants it. Returns whether it had. */
  remove(face: F, pattern: string): boolean {
    const interest = this.#byFace.get(face)?.get(pattern);
    if (interest === undefined) return false;
    if (--interest.count === 0) {
      this.#byFace.get(face)?.delete(pattern);
      this.#forget(interest);
    }
    return true;
  }

  #forget(interest: Interest<F>): void {
    this.#interests.delete(interest.pattern, interest);
    this.version++;
  }

  /** A neighbour is gone. */
  removeFace(face: F): void {
    for (const interest of this.#byFace.get(face)?.values() ?? []) this.#forget(interest);
    this.#byFace.delete(face);
  }

  /** Who gets messages of that topic. */
  targets(address: Address): Targets<F> {
    const kept = this.#cache[address.number];
    if (kept !== undefined && kept.version === this.version && kept.address === address) {
      return kept.targets;
    }
    const targets = this.#resolve(address.name);
    // Its number belongs to another address by now.
    if (address.isRetired) return targets;
    while (this.#cache.length <= address.number) this.#cache.push(undefined);
    this.#cache[address.number] = { version: this.version, address, targets };
    return targets;
  }

  /** These numbers are about to be given to other addresses. */
  forgetNumbers(addresses: readonly Address[]): void {
    for (const { number } of addresses)
      if (number < this.#cache.length) this.#cache[number] = undefined;
  }

  #resolve(topic: string): Targets<F> {
    const faces = new Set<F>();
    for (const interest of this.#interests.match(topic)) {
      if (this.#mayReceive(interest.face, topic)) faces.add(interest.face);
    }
    if (faces.size === 0) return nowhere;
    const list = [...faces];
    return {
      faces: list,
      widestRealm: list.reduce((widest, face) => Math.max(widest, realmNumber(face.realm)), 0),
    };
  }
}
