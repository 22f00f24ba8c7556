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

/** The neighbours that get the messages of one topic. Two topics with the same ones have the same object. */
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
  /** Every set of faces that is an answer, by a hash, until something changes. */
  readonly #sets = new Map<number, Targets<F>[]>();
  readonly #ids = new Map<F, number>();
  /** Faces that get the messages of all topics, the system's (`$...`) as well. */
  readonly #takers = new Set<F>();
  #nextId = 1;
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
    this.#changed();
    this.#sets.clear();
  }

  /** A neighbour gets everything, also what no pattern with a leading wildcard matches: an uplink. */
  addTaker(face: F): void {
    this.#takers.add(face);
    this.#changed();
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
    this.#changed();
    this.#sets.clear();
  }

  /** A neighbour is gone. */
  removeFace(face: F): void {
    for (const interest of this.#byFace.get(face)?.values() ?? []) this.#forget(interest);
    this.#byFace.delete(face);
    this.#ids.delete(face);
    if (this.#takers.delete(face)) this.#changed();
  }

  /** Who gets messages of that topic. */
  targets(topic: string): Targets<F> {
    const faces = new Set<F>(this.#takers);
    for (const interest of this.#interests.match(topic)) {
      if (this.#mayReceive(interest.face, topic)) faces.add(interest.face);
    }
    return faces.size === 0 ? nowhere : this.#targetsOf([...faces]);
  }

  /** The one object for that set of faces. */
  #targetsOf(faces: F[]): Targets<F> {
    faces.sort((a, b) => this.#idOf(a) - this.#idOf(b));
    let hash = faces.length;
    for (const face of faces) hash = (hash * 31 + this.#idOf(face)) | 0;
    const alike = this.#sets.get(hash) ?? [];
    const known = alike.find(
      (one) => one.faces.length === faces.length && one.faces.every((face, n) => face === faces[n]),
    );
    if (known !== undefined) return known;
    const widestRealm = faces.reduce(
      (widest, { realm }) => Math.max(widest, realmNumber(realm)),
      0,
    );
    const targets = { faces, widestRealm };
    alike.push(targets);
    this.#sets.set(hash, alike);
    return targets;
  }

  #changed(): void {
    this.version++;
    this.#sets.clear();
  }

  #idOf(face: F): number {
    const known = this.#ids.get(face);
    if (known !== undefined) return known;
    const id = this.#nextId++;
    this.#ids.set(face, id);
    return id;
  }
}
