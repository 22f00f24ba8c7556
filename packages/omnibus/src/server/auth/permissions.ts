import {
  checkPattern,
  coversPattern,
  isPattern,
  matchesPattern,
  OmnibusError,
  patternsIntersect,
} from "../../base/index.ts";
import type { Verb } from "../../bus/index.ts";

/**
 * What somebody may do, by verb: topic patterns that are allowed, and, with `!` in front, ones that are
 * denied all the same. A verb without a list is allowed everywhere but at the system's topics (`$...`).
 */
export type Permissions = { readonly [Name in Verb]?: readonly string[] | undefined };

const verbs: readonly Verb[] = ["publish", "subscribe", "serve", "request"];
const everything: readonly string[] = ["**"];
const maxVerdicts = 4096;

/** The permissions of one principal, or of all that are alike, made ready for many questions. */
export class Grants {
  readonly #rules: Readonly<Record<Verb, Rules>>;

  /**
   * What any of the permissions allow together, except what any of them denies. Throws `bad-config` for
   * what is not a pattern. Without any permissions everything is allowed that is not the system's.
   */
  constructor(permissions: readonly Permissions[]) {
    const rules = verbs.map((verb) => [verb, new Rules(verb, permissions)]);
    this.#rules = Object.fromEntries(rules) as Record<Verb, Rules>;
  }

  may(verb: Verb, topicOrPattern: string): boolean {
    return this.#rules[verb].may(topicOrPattern);
  }
}

class Rules {
  readonly #allowed: readonly string[];
  readonly #denied: readonly string[];
  readonly #isOpen: boolean;
  /** Verdicts by name; emptied when there are too many. */
  readonly #verdicts = new Map<string, boolean>();

  constructor(verb: Verb, permissions: readonly Permissions[]) {
    const lists = permissions.map((one) => one[verb]).filter((list) => list !== undefined);
    const all = lists.length === 0 ? everything : lists.flat();
    for (const entry of all) checkEntry(verb, entry);
    this.#allowed = all.filter((entry) => !entry.startsWith("!"));
    this.#denied = all.filter((entry) => entry.startsWith("!")).map((entry) => entry.slice(1));
    this.#isOpen = this.#denied.length === 0 && this.#allowed.includes("**");
  }

  may(name: string): boolean {
    if (this.#isOpen && !name.startsWith("$")) return true;
    const known = this.#verdicts.get(name);
    if (known !== undefined) return known;
    const verdict = isPattern(name) ? this.#mayAnywhere(name) : this.#mayAt(name);
    if (this.#verdicts.size >= maxVerdicts) this.#verdicts.clear();
    this.#verdicts.set(name, verdict);
    return verdict;
  }

  #mayAt(topic: string): boolean {
    if (this.#denied.some((denied) => matchesPattern(denied, topic))) return false;
    return this.#allowed.some((allowed) => matchesPattern(allowed, topic));
  }

  /**
   * Whether something below a pattern is allowed and not denied as a whole. What is denied in part is
   * found topic by topic, before delivery.
   */
  #mayAnywhere(pattern: string): boolean {
    if (this.#denied.some((denied) => coversPattern(denied, pattern))) return false;
    return this.#allowed.some(
      (allowed) =>
        patternsIntersect(allowed, pattern) &&
        !this.#denied.some((denied) => coversPattern(denied, allowed)),
    );
  }
}

function checkEntry(verb: Verb, entry: string): void {
  try {
    checkPattern(entry.startsWith("!") ? entry.slice(1) : entry);
  } catch (error) {
    const text = `${JSON.stringify(entry)} under ${verb} is not a topic pattern`;
    throw new OmnibusError("bad-config", text, { cause: error });
  }
}

/** May nothing. */
export const noGrants: Grants = new Grants([
  { publish: [], subscribe: [], serve: [], request: [] },
]);
