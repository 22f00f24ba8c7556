import { type Realm, realmNumber, TopicTrie } from "../base/index.ts";

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

/** The neighbours that get the messages of one topic. */
export interface Targets<F extends Face> {
  readonly faces: readonly F[];
  /** The widest realm of a link among them; a message of a narrower one does not go to all. */
  readonly widestRealm: number;
}

const nowhere: Targets<never> = { faces: [], widestRealm: 0 };

/**
 * Which neighbours want what. A pure table: it is told of interests and asked for targets. Answers hold
 * until `version` changes.
 */
export class Router<F extends Face> {
  readonly #interests = new TopicTrie<Interest<F>>();
  readonly #byFace = new Map<F, Map<string, Interest<F>>>();
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
  targets(topic: string): Targets<F> {
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
